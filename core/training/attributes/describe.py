"""A bundle that tells morphological attributes, made from one that does not."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.dataset.attributes import attributes_of, read_attributes
from core.dataset.catalogue import Catalogue, update_catalogue
from core.dataset.folders import read_cell_file
from core.dataset.provenance import origin_of_attributes
from core.dataset.splits import split
from core.errors import TrainingError
from core.evaluation.attributes import compared
from core.morphology import ATTRIBUTES
from core.parallel import map_all
from core.settings import Settings
from core.training.attributes.heads import (
    EPOCHS,
    SIZES,
    VIEWS,
    Progress,
    fit_heads,
    preparation_for_heads,
    views_of,
)
from core.training.packaging.calibrate import fit_temperature
from core.training.packaging.export import check_name, new_bundle
from core.vision import networks
from core.vision.bundle import WEIGHTS, Bundle, find_bundle, write_card
from core.vision.card.contents import AttributesCard
from core.vision.classifier import softmax
from core.vision.described import Heads
from core.vision.export import export_network

FEWEST = 50  # cells with attributes, to learn from and to check with
SURE_FROM = 0.6
CONTRADICTS_FROM = 0.7


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
    """Images with their attributes as (N, 11) indices, and their classes; none of the test split.

    Those held back are of the validation split, which the network itself has not seen either.
    """

    images: np.ndarray
    targets: np.ndarray
    classes: tuple[str, ...]
    held_back: np.ndarray


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

    The bundle's own network stays as it is. Calibrated and measured are heads that cells of the
    validation split were kept from; those that stay in the bundle have learnt from these cells,
    too. None learns from the test split.

    Args:
        tell: called with the share that is done and what is being done.

    Raises:
        InvalidConfigError: the name cannot be used.
        TrainingError: too few of the images have attributes, or they are not the data set that
            the bundle was trained on, so that nobody knows which are for the test.
        DatasetError: the file or the images cannot be used.
    """
    check_name(name, settings)
    data = _with_origin(data)
    tell(0.0, "Preparing the cells")
    cells = _cells(bundle, data, settings)
    views = views_of(
        bundle,
        cells.images,
        min(epochs, VIEWS),
        seed,
        lambda share: tell(0.6 * share, "Looking at the cells"),
    )
    temperature, metrics = _measured(cells, views, epochs, seed, tell)
    heads = fit_heads(
        views[1:],
        cells.targets,
        epochs=epochs,
        seed=seed,
        tell=lambda share: tell(0.8 + 0.2 * share, "Learning from those, too"),
    )
    attributes = _card(bundle, data, cells, temperature, metrics)
    with new_bundle(name, settings) as draft:
        shutil.copytree(bundle.folder, draft, dirs_exist_ok=True)
        _write(draft, bundle, heads, attributes, name)
    return find_bundle(name, settings)


def _card(
    bundle: Bundle,
    data: AttributeData,
    cells: _Cells,
    temperature: dict[str, float],
    metrics: dict[str, dict[str, Any]],
) -> AttributesCard:
    return AttributesCard(
        source=data.source or f"file {data.file.name}",
        licence=data.licence,
        citation=data.citation,
        images={"train": len(cells.images), "validation": int(cells.held_back.sum())},
        classes=tuple(key for key in bundle.card.classes if key in set(cells.classes)),
        values={attribute.key: tuple(attribute.words) for attribute in ATTRIBUTES},
        temperature=temperature,
        sure_from=SURE_FROM,
        contradicts_from=CONTRADICTS_FROM,
        metrics=metrics,
    )


def _measured(
    cells: _Cells, views: Sequence[Tensor], epochs: int, seed: int, tell: Progress
) -> tuple[dict[str, float], dict[str, dict[str, Any]]]:
    """Temperature and figures by attribute, of heads that the held-back cells were kept from."""
    learnt = torch.from_numpy(np.flatnonzero(~cells.held_back))
    trial = fit_heads(
        [view[learnt] for view in views[1:]],
        cells.targets[~cells.held_back],
        epochs=epochs,
        seed=seed,
        tell=lambda share: tell(0.6 + 0.2 * share, "Learning, some cells held back"),
    )
    with torch.no_grad():
        logits = trial(views[0][cells.held_back].float()).double().numpy()
    groups = np.split(logits, np.cumsum(SIZES)[:-1], axis=1)
    temperature, metrics = {}, {}
    targets = cells.targets[cells.held_back]
    for attribute, own, target in zip(ATTRIBUTES, groups, targets.T, strict=True):
        temperature[attribute.key] = fit_temperature(own, target, np.ones(own.shape[1]))
        shares = softmax(own / temperature[attribute.key])
        told = compared(target, shares.argmax(axis=1), shares.max(axis=1) >= SURE_FROM)
        metrics[attribute.key] = asdict(told)
    return temperature, metrics


def _with_origin(data: AttributeData) -> AttributeData:
    origin = None if data.source else origin_of_attributes(read_attributes([data.file]).index)
    return replace(data, **vars(origin)) if origin else data


def _write(part: Path, bundle: Bundle, heads: Heads, attributes: AttributesCard, name: str) -> None:
    card = bundle.card
    net, _ = networks.build(card.architecture, card.outputs, side_px=card.side_px)
    net.load_state_dict(torch.load(part / WEIGHTS, map_location="cpu", weights_only=True))
    checksums = export_network(
        net, part, side_px=card.side_px, mean=card.mean, std=card.std, heads=heads
    )
    changes = {
        "name": name,
        "parent": bundle.name,
        "created": datetime.now(UTC),
        "checksums": {**card.checksums, **checksums},
        "attributes": attributes,
    }
    write_card(part, card.model_copy(update=changes))


def _cells(bundle: Bundle, data: AttributeData, settings: Settings) -> _Cells:
    catalogue = update_catalogue(data.root, settings.cache_dir)
    if catalogue.fingerprint != bundle.card.data.fingerprint:
        raise TrainingError(
            f"{data.root} is not the data set that {bundle.name} was trained on, or it has changed "
            "since. Name that one: its test images must not be learnt from."
        )
    found, held_back = _dealt(bundle, data, catalogue)
    if min(held_back.sum(), (~held_back).sum()) < FEWEST:
        raise TrainingError(
            f"{data.file.name} has attributes for {len(found)} of the images in {data.root} that "
            f"are not for the test, {held_back.sum()} of them held back. It takes {FEWEST} of "
            "each: name a file of these images."
        )
    prepare = preparation_for_heads(bundle)

    def made_ready(path: str) -> np.ndarray:
        return prepare(read_cell_file(data.root / path, prepare.at_least_px))

    images = np.stack(map_all(made_ready, found.index.tolist()))
    targets = [
        [list(attribute.words).index(value) for value in found[attribute.key]]
        for attribute in ATTRIBUTES
    ]
    classes = tuple(catalogue.images.set_index("path").loc[found.index, "label"])
    return _Cells(images, np.array(targets).T, classes, held_back)


def _dealt(
    bundle: Bundle, data: AttributeData, catalogue: Catalogue
) -> tuple[pd.DataFrame, np.ndarray]:
    """Attributes by path, without the test split's; which of them are held back."""
    found = attributes_of(read_attributes([data.file]), catalogue.images["path"])
    names = split(catalogue, seed=bundle.card.data.split_seed).loc[found.index]
    found = found[names != "test"]
    return found, (names.loc[found.index] == "validation").to_numpy()
