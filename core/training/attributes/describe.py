"""A bundle that tells morphological attributes, made from one that does not."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.evaluation.attributes import compared
from core.morphology import ATTRIBUTES
from core.settings import Settings
from core.training.attributes.cells import AttributeData, DescribedCells, read_cells, with_origin
from core.training.attributes.heads import (
    EPOCHS,
    SIZES,
    VIEWS,
    Progress,
    fit_heads,
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

SURE_FROM = 0.6
CONTRADICTS_FROM = 0.7


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
    data = with_origin(data)
    tell(0.0, "Preparing the cells")
    cells = read_cells(bundle, data, settings)
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
    cells: DescribedCells,
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
    cells: DescribedCells, views: Sequence[Tensor], epochs: int, seed: int, tell: Progress
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
