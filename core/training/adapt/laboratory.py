"""Fits a bundle to a laboratory with a few labelled cells, without forgetting its own."""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image
from torch import nn

from core.errors import TrainingError
from core.settings import Settings
from core.training.adapt.change import MOST_LOST, Change
from core.training.adapt.fitting import Labelled, Progress, blended, fit_to
from core.training.config import MARGIN
from core.training.packaging.export import check_name, new_bundle
from core.training.packaging.limits import calibrated_on
from core.training.packaging.reference import read_reference, write_index
from core.vision.bundle import HEADS, INDEX, Bundle, find_bundle, write_card
from core.vision.classifier import Classifier, class_probabilities
from core.vision.export import export_network
from core.vision.preparation import Preparation, middle
from core.vision.reference_cells import load_index

MOST_LABELS = 100
FEWEST_LABELS = 20
SHARES = (1.0, 0.75, 0.5)  # of the way to the fitted weights: the most that costs the source little


def adapt(
    bundle: Bundle,
    images: Sequence[Image.Image],
    labels: Sequence[str],
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
        labels: class key of each image.
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
    _require_usable(bundle, labels)
    tell(0.0, "Preparing the cells")
    cells = _prepared(bundle, images, labels)
    fitted, checked = _dealt(cells.targets, most, np.random.default_rng(seed))
    net = fit_to(bundle, cells[fitted], reference, seed, tell)
    tell(0.86, "Writing the model and measuring it")
    home = Labelled(reference.images, reference.targets)[reference.validation]
    change = _made_if_better(bundle, net, name, (cells[checked], home), len(fitted), settings)
    tell(1.0, "Done")
    return find_bundle(name, settings) if change.is_better else None, change


def _require_usable(bundle: Bundle, labels: Sequence[str]) -> None:
    if len(labels) < FEWEST_LABELS:
        raise TrainingError(
            f"Adapting needs at least {FEWEST_LABELS} labelled cells; there are {len(labels)}."
        )
    if unknown := sorted(set(labels) - set(bundle.card.classes)):
        raise TrainingError(
            f"{bundle.name} does not know: {', '.join(unknown)}. Leave those cells out, or choose "
            "a model that knows them."
        )


def _prepared(bundle: Bundle, images: Sequence[Image.Image], labels: Sequence[str]) -> Labelled:
    card = bundle.card
    prepare = Preparation(card.side_px, card.view, MARGIN)
    targets = np.array([card.classes.index(label) for label in labels])
    return Labelled(np.stack([prepare(image) for image in images]), targets)


def _made_if_better(
    parent: Bundle,
    net: nn.Module,
    name: str,
    measured_on: tuple[Labelled, Labelled],
    fitted: int,
    settings: Settings,
) -> Change:
    """What the fitted weights change; where that is better, the bundle ``name`` stands."""
    with new_bundle(name, settings) as draft:
        shutil.copytree(parent.folder, draft, dirs_exist_ok=True)
        made, change = _best_blend(parent, net, draft, name, measured_on, fitted)
        if change.is_better:
            _write_card(made, change, measured_on[1])
        else:
            shutil.rmtree(draft)
    return change


def _write_card(made: Classifier, change: Change, home: Labelled) -> None:
    card = made.bundle.card
    logits = made.logits(middle(home.images, card.side_px))
    told = {**vars(change), "p_value": change.p_value}
    changes = {"adapted": told, "checksums": _without_old_evidence(made.bundle)}
    write_card(
        made.bundle.folder, calibrated_on(card, logits, home.targets).model_copy(update=changes)
    )


def _best_blend(
    parent: Bundle,
    net: nn.Module,
    part: Path,
    name: str,
    measured_on: tuple[Labelled, Labelled],
    fitted: int,
) -> tuple[Classifier, Change]:
    """As much of the fitted weights as costs the source little, in ``part``, and what that changed.

    Args:
        measured_on: cells of that laboratory that were not fitted on, and the source laboratory's.
    """
    before, home_before = (_right(Classifier(parent, "openvino"), on) for on in measured_on)
    for share in SHARES:
        made = _written(part, parent, name, blended(parent, net, share))
        after, home_after = (_right(made, on) for on in measured_on)
        if home_before.mean() - home_after.mean() <= MOST_LOST:
            break
    change = Change(
        fitted=fitted,
        checked=len(before),
        before=float(before.mean()),
        after=float(after.mean()),
        better=int((after & ~before).sum()),
        worse=int((before & ~after).sum()),
        home_before=float(home_before.mean()),
        home_after=float(home_after.mean()),
    )
    return made, change


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


def _written(part: Path, parent: Bundle, name: str, net: nn.Module) -> Classifier:
    """The parent's bundle with this network instead, executed from ``part``."""
    card = parent.card
    checksums = export_network(net, part, side_px=card.side_px, mean=card.mean, std=card.std)
    changes = {
        "name": name,
        "parent": parent.name,
        "metrics": {},
        "attributes": None,  # its heads read another network
        "created": datetime.now(UTC),
        "checksums": {**card.checksums, **checksums},
    }
    return Classifier(Bundle(part, card.model_copy(update=changes)), "openvino")


def _dealt(targets: np.ndarray, most: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Rows to fit on, each class in its share, and rows to check with: at least a third."""
    count = min(most, len(targets) * 2 // 3)
    order = rng.permutation(len(targets))
    place = np.empty(len(targets))
    for target in np.unique(targets):
        own = order[targets[order] == target]
        place[own] = (np.arange(len(own)) + rng.random()) / len(own)
    by_place = np.argsort(place, kind="stable")
    return by_place[:count], by_place[count:]


def _right(classifier: Classifier, cells: Labelled) -> np.ndarray:
    """(N,) which cells the bundle has right."""
    card = classifier.bundle.card
    logits = classifier.logits(middle(cells.images, card.side_px))
    return np.asarray(class_probabilities(card, logits).argmax(axis=1) == cells.targets)
