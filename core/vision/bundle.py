"""A model bundle: one folder that holds everything a prediction needs.

card.json     what it is, what it was trained on, how good it is, checksums of the rest
README.md     the same for people
weights.pth   a state_dict, read by the PyTorch runtime with ``weights_only=True``
network.xml   the same network as an OpenVINO graph: uint8 images in, logits out
network.bin
attributes.pth a state_dict of the heads that read morphological attributes; the graph has them, too
reference.zip some of the cells that it was trained and validated on, as small images
reference.npz what the network sees in those that it was trained on, to find the nearest
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from core import taxonomy
from core.errors import BundleError, BundleMissingError, BundleRefusedError
from core.files import write_text
from core.logs import log
from core.settings import Settings
from core.vision.card.contents import Card
from core.vision.card.text import card_markdown

CARD = "card.json"
README = "README.md"
OF_RUN = "bundle"  # the folder in a run's folder that holds its best epoch
WEIGHTS = "weights.pth"
FILES = (WEIGHTS, "network.xml", "network.bin")
HEADS = "attributes.pth"  # not every bundle has these three
REFERENCE = "reference.zip"
INDEX = "reference.npz"


@dataclass(frozen=True)
class Bundle:
    """A bundle whose card and checksums fit.

    Attributes:
        hash: SHA-256 of its card's file, hex; the card names the checksums of all other files.
            "" of a bundle that is still being made.
    """

    folder: Path
    card: Card
    hash: str = ""

    @property
    def name(self) -> str:
        """The name that predictions are logged under."""
        return self.card.name


def load_bundle(folder: Path) -> Bundle:
    """The bundle in that folder, checked.

    Raises:
        BundleMissingError: there is no card.
        BundleRefusedError: the card is not whole, or a file is not the one it names.
    """
    path = folder / CARD
    if not path.is_file():
        raise BundleMissingError(f"There is no model in {folder}: {CARD} is missing.")
    written = path.read_bytes()
    try:
        card = _checked_card(folder, written)
        _check_files(folder, card)
    except BundleRefusedError as error:
        log.error("bundle_refused", bundle=folder.name, reason=str(error))
        raise
    return Bundle(folder, card, hashlib.sha256(written).hexdigest())


def _checked_card(folder: Path, written: bytes) -> Card:
    try:
        card = Card.model_validate_json(written)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BundleRefusedError(
            f"Model {folder.name} is refused: {CARD}, {where}: {first['msg']}."
        ) from error
    unknown = [key for key in card.classes if key not in taxonomy.KEYS]
    unknown += [key for key in card.outside if key not in taxonomy.OUTSIDE_KEYS]
    if unknown:
        raise BundleRefusedError(f"Model {folder.name} is refused: unknown classes {unknown}.")
    if card.attributes and card.attributes.unknown:
        raise BundleRefusedError(
            f"Model {folder.name} is refused: unknown attributes {card.attributes.unknown}."
        )
    return card


def _check_files(folder: Path, card: Card) -> None:
    optional = {HEADS, REFERENCE, INDEX} & card.checksums.keys()
    for name in (*FILES, *optional):
        path = folder / name
        if not path.is_file():
            raise BundleRefusedError(f"Model {folder.name} is refused: {name} is missing.")
        if checksum(path) != card.checksums.get(name):
            raise BundleRefusedError(
                f"Model {folder.name} is refused: {name} is not the file that the card names "
                "(checksum differs). Fetch or make the model again."
            )


def checksum(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_card(folder: Path, card: Card) -> None:
    """Writes the card, for programs and for people, each whole or not at all."""
    written = {README: card_markdown(card), CARD: card.model_dump_json(indent=2) + "\n"}
    for name, text in written.items():
        write_text(folder / name, text)


def bundle_folders(settings: Settings) -> dict[str, Path]:
    """Where each bundle stands, by name, unchecked.

    First those that ship, then those made here, then the best epoch of each run, which goes by
    the run's id; the newest run is first.
    """
    made = [p.parent for folder in settings.bundle_dirs for p in _visible(folder, f"*/{CARD}")]
    of_runs = _visible(settings.runs_dir, f"*/{OF_RUN}/{CARD}")
    return {folder.name: folder for folder in made} | {
        card.parents[1].name: card.parent for card in reversed(of_runs)
    }


def _visible(parent: Path, pattern: str) -> list[Path]:
    """Sorted; what is being made or deleted has a hidden folder."""
    found = parent.glob(pattern)
    return sorted(p for p in found if not p.relative_to(parent).parts[0].startswith("."))


def find_bundle(name: str, settings: Settings) -> Bundle:
    """The bundle of that name.

    Raises:
        BundleMissingError: none has that name; lists those there are.
        BundleRefusedError: there is one, but it cannot be trusted.
    """
    folders = bundle_folders(settings)
    if name not in folders:
        known = ", ".join(folders) or "none yet; train one first"
        raise BundleMissingError(f"No model named {name!r}. There are: {known}.")
    return load_bundle(folders[name])


@dataclass(frozen=True)
class Found:
    """A bundle as it was found; ``refused`` says why it cannot be used, where it cannot."""

    name: str
    folder: Path
    bundle: Bundle | None = None
    refused: str | None = None


def found_bundles(settings: Settings) -> list[Found]:
    """Every bundle, checked, in the order of ``bundle_folders``."""
    found = []
    for name, folder in bundle_folders(settings).items():
        try:
            found.append(Found(name, folder, load_bundle(folder)))
        except BundleError as error:
            found.append(Found(name, folder, refused=str(error)))
    return found
