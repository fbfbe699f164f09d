"""Fits a bundle to a laboratory with a few labelled cells, without forgetting its own."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from torch import nn

from core.errors import TrainingError
from core.settings import Settings
from core.taxonomy import ABNORMAL_KEYS
from core.training.adapt.cells import LabelledCells, deal
from core.training.adapt.change import Change
from core.training.adapt.fitting import Labelled, Progress, blended, fit_to
from core.training.adapt.measuring import Checks, change_of, measured
from core.training.adapt.recalibrate import recalibrated
from core.training.config import MARGIN
from core.training.packaging.export import check_name, new_bundle
from core.training.packaging.reference import Reference, read_reference, write_index
from core.vision.bundle import HEADS, INDEX, Bundle, find_bundle, write_card
from core.vision.card.contents import Card, FurtherCells
from core.vision.classifier import Classifier
from core.vision.export import export_network
from core.vision.preparation import Preparation
from core.vision.reference_cells import load_index

MOST_LABELS = 100
FEWEST_LABELS = 20
SHARES = (1.0, 0.75, 0.5)  # of the way to the fitted weights: the most that costs the source little
_NOT_STATED = "not stated"


@dataclass(frozen=True, eq=False)
class _Fit:
    """What a bundle is fitted with, and how it is measured."""

    parent: Bundle
    reference: Reference
    fitted: Labelled
    checks: Checks
    source: str


def adapt(
    bundle: Bundle,
    cells: LabelledCells,
    name: str,
    settings: Settings,
    *,
    most: int = MOST_LABELS,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Bundle | None, Change]:
    """A new bundle, fitted to at most ``most`` of these cells; None where it is not surely better.

    What is left of the cells is not fitted on, and decides whether it is better.

    Args:
        name: of the new bundle.
        progress: called with the share that is done and what is being done.

    Raises:
        TrainingError: too few labelled cells to fit on some and to check with others, or cells of
            a class that the bundle does not know.
        BundleError: the bundle holds no reference cells.
        InvalidConfigError: the name cannot be used.
    """
    tell = progress or (lambda *_: None)
    check_name(name, settings)
    reference = read_reference(bundle.folder, (*bundle.card.classes, *bundle.card.outside))
    _require_usable(bundle, cells, most)
    tell(0.0, "Preparing the cells")
    ready = _prepared(bundle, cells)
    fitted, checked = deal(ready.targets, cells.views, most, np.random.default_rng(seed))
    checks = _checks(bundle, reference, ready[checked])
    fit = _Fit(bundle, reference, ready[fitted], checks, cells.source)
    net = fit_to(bundle, fit.fitted, reference, seed, tell)
    tell(0.86, "Writing the model and measuring it")
    change = _made_if_better(fit, net, name, settings)
    tell(1.0, "Done")
    return find_bundle(name, settings) if change.is_better else None, change


def _require_usable(bundle: Bundle, cells: LabelledCells, most: int) -> None:
    if most < FEWEST_LABELS // 2:
        raise TrainingError(f"Fit on at least {FEWEST_LABELS // 2} labelled cells, not {most}.")
    if len(set(cells.views)) < FEWEST_LABELS:
        raise TrainingError(
            f"Adapting needs at least {FEWEST_LABELS} labelled cells that are not images of the "
            f"same; there are {len(set(cells.views))}."
        )
    if unknown := sorted(set(cells.labels) - set(bundle.card.classes)):
        raise TrainingError(
            f"{bundle.name} does not know: {', '.join(unknown)}. Leave those cells out, or choose "
            "a model that knows them."
        )


def _prepared(bundle: Bundle, cells: LabelledCells) -> Labelled:
    card = bundle.card
    prepare = Preparation(card.side_px, card.view, MARGIN)
    targets = np.array([card.classes.index(label) for label in cells.labels])
    return Labelled(np.stack([prepare(image) for image in cells.images]), targets)


def _checks(bundle: Bundle, reference: Reference, there: Labelled) -> Checks:
    every = Labelled(reference.images, reference.targets)
    outputs = (*bundle.card.classes, *bundle.card.outside)
    abnormal = np.array([outputs[target] in ABNORMAL_KEYS for target in every.targets])
    return Checks(there, every[reference.validation], every[abnormal])


def _made_if_better(fit: _Fit, net: nn.Module, name: str, settings: Settings) -> Change:
    """What the fitted weights change; where that is better, the bundle ``name`` stands."""
    with new_bundle(name, settings) as draft:
        shutil.copytree(fit.parent.folder, draft, dirs_exist_ok=True)
        made, change = _best_blend(fit, net, draft, name)
        if change.is_better:
            told = {**vars(change), "p_value": change.p_value}
            changes = {"adapted": told, "checksums": _without_old_evidence(made)}
            write_card(draft, made.card.model_copy(update=changes))
        else:
            shutil.rmtree(draft)
    return change


def _best_blend(fit: _Fit, net: nn.Module, part: Path, name: str) -> tuple[Bundle, Change]:
    """As much of the fitted weights as loses little, in ``part``, and what that changed."""
    before = measured(Classifier(fit.parent, "openvino"), fit.checks)
    for share in SHARES:
        made = _written(part, fit, name, blended(fit.parent, net, share))
        after = measured(made, fit.checks)
        change = change_of(before, after, len(fit.fitted.targets))
        if change.keeps_home and change.keeps_referral:
            break
    return made.bundle, change


def _without_old_evidence(made: Bundle) -> dict[str, str]:
    """The bundle's checksums once nothing in it is of its parent's network any more.

    Reference cells are seen anew; heads that read the parent's stages go.
    """
    checksums = dict(made.card.checksums)
    if checksums.pop(HEADS, None):
        (made.folder / HEADS).unlink()
    index = load_index(made)
    if index:
        checksums[INDEX] = write_index(made, index.sources)
    return checksums


def _written(part: Path, fit: _Fit, name: str, net: nn.Module) -> Classifier:
    """The parent's bundle with this network instead, executed from ``part``."""
    card = fit.parent.card
    checksums = export_network(net, part, side_px=card.side_px, mean=card.mean, std=card.std)
    changes = {
        "name": name,
        "parent": fit.parent.name,
        "data": card.data.model_copy(update={"further": _sources(card, fit)}),
        "metrics": {},
        "attributes": None,  # its heads read another network
        "created": datetime.now(UTC),
        "checksums": {**card.checksums, **checksums},
    }
    made = Classifier(Bundle(part, card.model_copy(update=changes)), "openvino")
    return Classifier(Bundle(part, recalibrated(made, fit.reference, fit.fitted)), "openvino")


def _sources(card: Card, fit: _Fit) -> tuple[FurtherCells, ...]:
    """Where else its cells are from: the laboratory that it is fitted to comes last."""
    own = FurtherCells(
        source=fit.source,
        images=len(fit.fitted.targets),
        licence=_NOT_STATED,
        citation=_NOT_STATED,
    )
    return (*card.data.further, own)
