"""A model bundle: one folder that holds everything an answer needs.

card.json     what it is, what it was trained on, how good it is, checksums of the rest
weights.pth   a state_dict, read by the PyTorch runtime with ``weights_only=True``
network.xml   the same network as an OpenVINO graph: uint8 pictures in, logits out
network.bin
reference.zip some of the cells that it was trained and validated on, as small pictures
"""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core import taxonomy
from core.errors import BundleMissingError, BundleRefusedError
from core.settings import Settings
from core.vision.framing import View
from core.vision.preparation import Preparation

CARD = "card.json"
OF_RUN = "bundle"  # the folder in a run's folder that holds its best epoch
WEIGHTS = "weights.pth"
FILES = (WEIGHTS, "network.xml", "network.bin")
REFERENCE = "reference.zip"  # not every bundle has it


class DataCard(BaseModel):
    """What a bundle was trained on."""

    model_config = ConfigDict(frozen=True)

    source: str
    fingerprint: str
    split_seed: int
    images: dict[str, int] = Field(description="Images by split.")
    per_class: dict[str, int] = Field(description="Training images by class.")
    licence: str
    citation: str
    further: tuple["FurtherCells", ...] = ()
    no_cell: int = Field(0, description="Pictures that show no cell, drawn or cut for training.")


class FurtherCells(BaseModel):
    """Cells of another laboratory that a bundle was trained on, too."""

    model_config = ConfigDict(frozen=True)

    source: str
    images: int
    licence: str
    citation: str


class Card(BaseModel):
    """The card of a bundle.

    Attributes:
        classes: taxonomy keys, in the order of the outputs.
        outside: kinds outside the classes that the outputs after those stand for.
        side_px: the network sees squares of this side.
        view: how it sees its cells; None for the centred square of the picture as it is.
        mean, std: pixels in [0, 1] become ``(pixel - mean) / std``.
        temperature: logits are divided by it before the softmax.
        review_below: answers less confident than this are for a person to look at.
        review_rule: how ``review_below`` was found, in words.
        refer_above: where the kinds outside that are cells have together at least this
            probability, the answer is for review as possibly abnormal; None where it knows none.
        reject_above: where "no cell" has at least this probability, the answer is rejected.
        set_limits: a class belongs to an answer's prediction set where its probability is at
            least this, which it is for 95% of the class's cells; empty in older bundles.
        parent: the bundle that this one was made from; "" for none.
        adapted: what adapting it to a laboratory did, by name of the figure; empty for others.
        metrics: by split, as ``core.evaluation`` gives them.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    architecture: str
    classes: tuple[str, ...]
    outside: tuple[str, ...] = ()
    side_px: int = Field(ge=16, le=1024)
    view: View | None = None
    mean: float = 0.5
    std: float = Field(0.5, gt=0)
    pretrained: str
    synthetic: bool
    data: DataCard
    parent: str = ""
    adapted: dict[str, Any] = {}
    metrics: dict[str, Any] = {}
    temperature: float = Field(1.0, gt=0)
    review_below: float = Field(ge=0, le=1)
    review_rule: str
    refer_above: float | None = Field(None, ge=0, le=1)
    reject_above: float | None = Field(None, ge=0, le=1)
    set_limits: dict[str, float] = {}
    config: dict[str, Any] = {}
    created: datetime
    versions: dict[str, str] = {}
    licence: str
    intended_use: str
    limits: str
    checksums: dict[str, str] = {}

    @property
    def outputs(self) -> int:
        """How many the network has."""
        return len(self.classes) + len(self.outside)

    @property
    def preparation(self) -> Preparation:
        """How pictures are made ready for it."""
        return Preparation(self.side_px, self.view)


@dataclass(frozen=True)
class Bundle:
    """A bundle whose card and checksums fit."""

    folder: Path
    card: Card

    @property
    def name(self) -> str:
        """The name that answers are logged under."""
        return self.card.name


def load_bundle(folder: Path) -> Bundle:
    """The bundle in that folder, checked.

    Raises:
        BundleMissingError: there is no card.
        BundleRefusedError: the card is not whole, or a file is not the one it names.
    """
    path = folder / CARD
    if not path.is_file():
        raise BundleMissingError(f"There is no bundle in {folder}: {CARD} is missing.")
    try:
        card = Card.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BundleRefusedError(
            f"Bundle {folder.name} is refused: {CARD}, {where}: {first['msg']}."
        ) from error
    unknown = [key for key in card.classes if key not in taxonomy.KEYS]
    unknown += [key for key in card.outside if key not in taxonomy.OUTSIDE_KEYS]
    if unknown:
        raise BundleRefusedError(f"Bundle {folder.name} is refused: unknown classes {unknown}.")
    _check_files(folder, card)
    return Bundle(folder, card)


def _check_files(folder: Path, card: Card) -> None:
    optional = {REFERENCE} & card.checksums.keys()
    for name in (*FILES, *optional):
        path = folder / name
        if not path.is_file():
            raise BundleRefusedError(f"Bundle {folder.name} is refused: {name} is missing.")
        if checksum(path) != card.checksums.get(name):
            raise BundleRefusedError(
                f"Bundle {folder.name} is refused: {name} is not the file that the card names "
                "(checksum differs). Fetch or make the bundle again."
            )


def checksum(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_card(folder: Path, card: Card) -> None:
    """Writes the card, whole or not at all."""
    part = folder / f"{CARD}.part"
    part.write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    os.replace(part, folder / CARD)


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
        raise BundleMissingError(f"No bundle named {name!r}. There are: {known}.")
    return load_bundle(folders[name])
