"""A bundle that tells morphological attributes, made from one that does not."""

import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import f1_score

from core.dataset.attributes import attributes_of, read_attributes
from core.dataset.catalogue import update_catalogue
from core.dataset.parallel import map_all
from core.dataset.provenance import origin_of_attributes
from core.dataset.splits import split
from core.errors import TrainingError
from core.images import decode
from core.morphology import ATTRIBUTES
from core.settings import Settings
from core.training.attributes import EPOCHS, SIZES, Progress, fit_heads, preparation_for_heads
from core.training.calibrate import fit_temperature
from core.training.export import check_name
from core.vision import networks
from core.vision.bundle import WEIGHTS, Bundle, load_bundle, write_card
from core.vision.card import AttributesCard
from core.vision.classifier import Classifier, softmax
from core.vision.described import Heads
from core.vision.export import export_network
from core.vision.preparation import middle

FEWEST = 50  # cells with attributes, to learn from and to check with
SURE_FROM = 0.6
CONTRADICTS_FROM = 0.9


@dataclass(frozen=True)
class AttributeData:
    """Where attributes come from.

    Attributes:
        root: the folder of class folders that their images are in.
        file: a CSV as WBCAtt's.
        source, licence, citation: for the card; looked for in the file where no source is given.
    """

    root: Path
    file: Path
    source: str = ""
    licence: str = "not stated"
    citation: str = "not stated"


@dataclass(frozen=True, eq=False)
class _Cells:
    """Pictures with their attributes as (N, 11) indices, and their classes."""

    images: np.ndarray
    targets: np.ndarray
    classes: tuple[str, ...]


def describe(
    bundle: Bundle,
    data: AttributeData,
    name: str,
    settings: Settings,
    *,
    epochs: int = EPOCHS,
    seed: int = 0,
    tell: Progress = lambda *_: None,
) -> Bundle:
    """The same bundle under a new name, which tells attributes as well.

    The bundle's own network stays as it is. Cells of the validation split are not learnt from:
    on them the heads are calibrated and measured.

    Args:
        tell: called with the share that is done and what is being done.

    Raises:
        InvalidConfigError: the name cannot be used.
        TrainingError: too few of the images have attributes.
        DatasetError: the file or the images cannot be used.
    """
    check_name(name, settings)
    data = _with_origin(data)
    tell(0.0, "Preparing the cells")
    learnt, held_back = _cells(bundle, data, settings)
    heads = fit_heads(bundle, learnt.images, learnt.targets, epochs=epochs, seed=seed, tell=tell)
    part = settings.bundle_dirs[1] / f".{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(bundle.folder, part)
    _write(part, bundle, data, heads, (learnt, held_back), name)
    target = settings.bundle_dirs[1] / name
    part.rename(target)
    return load_bundle(target)


def _with_origin(data: AttributeData) -> AttributeData:
    origin = None if data.source else origin_of_attributes(read_attributes([data.file]).index)
    return replace(data, **vars(origin)) if origin else data


def _write(
    part: Path,
    bundle: Bundle,
    data: AttributeData,
    heads: Heads,
    cells: tuple[_Cells, _Cells],
    name: str,
) -> None:
    card, (learnt, held_back) = bundle.card, cells
    net, _ = networks.build(card.architecture, card.outputs, side_px=card.side_px)
    net.load_state_dict(torch.load(part / WEIGHTS, map_location="cpu", weights_only=True))
    checksums = export_network(
        net, part, side_px=card.side_px, mean=card.mean, std=card.std, heads=heads
    )
    card = card.model_copy(
        update={
            "name": name,
            "parent": bundle.name,
            "created": datetime.now(UTC),
            "checksums": {**card.checksums, **checksums},
        }
    )
    squares = middle(held_back.images, card.side_px)
    logits = Classifier(Bundle(part, card), "openvino").outputs(squares).attributes
    groups = np.split(logits.astype(np.float64), np.cumsum(SIZES)[:-1], axis=1)
    temperature, metrics = {}, {}
    for attribute, own, target in zip(ATTRIBUTES, groups, held_back.targets.T, strict=True):
        temperature[attribute.key] = fit_temperature(own, target, np.ones(own.shape[1]))
        metrics[attribute.key] = _figures(softmax(own / temperature[attribute.key]), target)
    attributes = AttributesCard(
        source=data.source or f"file {data.file.name}",
        licence=data.licence,
        citation=data.citation,
        images={"train": len(learnt.images), "validation": len(held_back.images)},
        classes=tuple(key for key in card.classes if key in set(learnt.classes)),
        values={attribute.key: tuple(attribute.words) for attribute in ATTRIBUTES},
        temperature=temperature,
        sure_from=SURE_FROM,
        contradicts_from=CONTRADICTS_FROM,
        metrics=metrics,
    )
    write_card(part, card.model_copy(update={"attributes": attributes}))


def _figures(shares: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """Of one attribute: mean F1 and accuracy of all cells, and of those that it is sure of."""
    value, sure = shares.argmax(axis=1), shares.max(axis=1) >= SURE_FROM
    return {
        "macro_f1": float(f1_score(target, value, average="macro")),
        "accuracy": float((value == target).mean()),
        "told": float(sure.mean()),
        "accuracy_told": float((value == target)[sure].mean()) if sure.any() else 0.0,
    }


def _cells(bundle: Bundle, data: AttributeData, settings: Settings) -> tuple[_Cells, _Cells]:
    catalogue = update_catalogue(data.root, settings.cache_dir)
    table = catalogue.images.set_index("path")
    found = attributes_of(read_attributes([data.file]), table.index)
    names = split(catalogue, seed=bundle.card.data.split_seed)
    held_back = (names.loc[found.index] == "validation").to_numpy()
    if min(held_back.sum(), (~held_back).sum()) < FEWEST:
        raise TrainingError(
            f"{data.file.name} has attributes for {len(found)} of the images in {data.root}, "
            f"{held_back.sum()} of them held back. It takes {FEWEST} of each: name the folder of "
            "class folders that the file's images are in."
        )
    prepare = preparation_for_heads(bundle)

    def made_ready(path: str) -> np.ndarray:
        return prepare(decode((data.root / path).read_bytes(), at_least_px=prepare.at_least_px))

    def cells(rows: pd.DataFrame) -> _Cells:
        targets = [
            [list(attribute.words).index(value) for value in rows[attribute.key]]
            for attribute in ATTRIBUTES
        ]
        images = np.stack(map_all(made_ready, rows.index.tolist()))
        return _Cells(images, np.array(targets).T, tuple(table.loc[rows.index, "label"]))

    return cells(found[~held_back]), cells(found[held_back])
