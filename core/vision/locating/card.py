"""The card of a network that learnt boxes: what it was taught with, and how well it finds."""

import hashlib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import BundleRefusedError

CARD = "card.json"
GRAPH = ("network.xml", "network.bin")


class Source(BaseModel):
    """What a network was taught with."""

    model_config = ConfigDict(frozen=True)

    name: str
    images: int
    boxes: int
    licence: str
    citation: str


class FinderCard(BaseModel):
    """The card of a network that finds cells.

    Attributes:
        figures: by source, on images that it was not taught with.
        checksums: SHA-256 of the other files, hex.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    sources: tuple[Source, ...]
    figures: dict[str, dict[str, float]]
    checksums: dict[str, str]
    licence: str = "MIT"

    @classmethod
    def of(cls, folder: Path, what: str) -> Self:
        """The card in that folder, whose graph is the one that it names.

        Args:
            what: the kind of network, for the message.

        Raises:
            BundleRefusedError: there is none, or it is damaged.
        """
        try:
            card = cls.model_validate_json((folder / CARD).read_bytes())
            for name in GRAPH:
                if hashlib.sha256((folder / name).read_bytes()).hexdigest() != card.checksums[name]:
                    raise BundleRefusedError(
                        f"{what} {folder.name} is refused: {name} is not the file that its card "
                        "names (checksum differs). Fetch it again."
                    )
        except (OSError, ValidationError, KeyError) as error:
            raise BundleRefusedError(
                f"{what} {folder.name} is refused: {error}. Fetch it again."
            ) from error
        return card
