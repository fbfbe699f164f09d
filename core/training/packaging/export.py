"""The best epoch of a run becomes a bundle: exported, calibrated, measured, described."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from core.dataset.catalogue import Catalogue
from core.dataset.splits import split
from core.errors import InvalidConfigError, RunError
from core.evaluation.evaluate import evaluate
from core.evaluation.metrics import summary
from core.evaluation.report import report
from core.evaluation.results import EvaluationResult, result_path
from core.files import new_folder, replacing_folder
from core.settings import Settings
from core.training.loop.checkpoint import BEST
from core.training.loop.data import TrainingData
from core.training.packaging.card import first_card
from core.training.packaging.learnt import Learnt
from core.training.packaging.limits import calibrated_on, elsewhere, with_limits
from core.training.packaging.reference import sources_of, write_index, write_reference
from core.vision import networks
from core.vision.bundle import (
    CARD,
    INDEX,
    OF_RUN,
    REFERENCE,
    Bundle,
    checksum,
    find_bundle,
    load_bundle,
    write_card,
)
from core.vision.card.contents import Card
from core.vision.classifier import Classifier
from core.vision.export import export_network
from core.vision.preparation import middle

MEASURED = ("validation", "test")


def export_best(
    run_dir: Path,
    learnt: Learnt,
    settings: Settings,
    progress: Callable[[int, int], None] | None = None,
) -> Bundle:
    """The bundle of a run's best epoch, in the run's own folder and under the run's id.

    Replaces the one of an earlier epoch. Its predictions of validation and test images are kept.

    Args:
        learnt: what the run was trained on. Found anew, it would be split anew.
        progress: told the images predicted and the images in all.

    Raises:
        DatasetError: no image can be read any more.
    """
    target = run_dir / OF_RUN
    with replacing_folder(target) as draft:
        card, results = _described(draft, run_dir, learnt, progress)
        write_card(draft, card)
    for result in results:
        result.save(settings.evaluations_dir)
    return load_bundle(target)


def make_bundle(run_dir: Path, name: str, settings: Settings) -> Bundle:
    """The bundle of a run's best epoch, copied under ``name`` beside those made before.

    Raises:
        RunError: the run has no bundle of its own yet.
        ResultMissingError: what that answered was deleted.
        InvalidConfigError: the name cannot be a folder's name, or is taken.
    """
    source = run_dir / OF_RUN
    if not (source / CARD).is_file():
        raise RunError("This run has no measured epoch yet. Resume it, or wait for its end.")
    bundle = load_bundle(source)
    results = [
        EvaluationResult.load(result_path(settings.evaluations_dir, run_dir.name, split_name))
        for split_name in MEASURED
    ]
    with new_bundle(name, settings) as draft:
        shutil.copytree(source, draft, dirs_exist_ok=True)
        write_card(draft, bundle.card.model_copy(update={"name": name}))
    for result in results:
        replace(result, bundle=name).save(settings.evaluations_dir)
    return find_bundle(name, settings)


@contextmanager
def new_bundle(name: str, settings: Settings) -> Iterator[Path]:
    """An empty folder that becomes the bundle ``name``, beside those made before.

    Raises:
        InvalidConfigError: the name cannot be a folder's name, or is taken.
    """
    check_name(name, settings)
    try:
        with new_folder(settings.bundle_dirs[1] / name) as draft:
            yield draft
    except FileExistsError:  # somebody took it meanwhile
        check_name(name, settings)
        raise


def check_name(name: str, settings: Settings) -> None:
    """Raises InvalidConfigError where a new bundle cannot have this name."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise InvalidConfigError(
            "A model's name has up to 64 letters, digits, '-', '_' and '.', no other characters."
        )
    if any((parent / name).exists() for parent in settings.bundle_dirs):
        raise InvalidConfigError(f"A model named {name!r} exists already. Choose another name.")


def _described(
    part: Path,
    run_dir: Path,
    learnt: Learnt,
    progress: Callable[[int, int], None] | None,
) -> tuple[Card, list[EvaluationResult]]:
    config, data = learnt.config, learnt.data
    net, _ = networks.build(
        config.architecture, len(data.classes) + len(data.outside), side_px=config.side_px
    )
    net.load_state_dict(torch.load(run_dir / BEST, map_location="cpu", weights_only=True))
    checksums = export_network(net, part, side_px=config.side_px, mean=0.5, std=0.5)
    if config.view is not None:
        write_reference(part, data, config.seed)
        checksums[REFERENCE] = checksum(part / REFERENCE)
    card = first_card(run_dir, learnt, checksums)
    if config.view is not None:
        sources = sources_of(part, data, card.data)
        checksums[INDEX] = write_index(Bundle(part, card), sources)
        card = card.model_copy(update={"checksums": checksums})
    validation = data.images[data.validation]
    classifier = Classifier(Bundle(part, card))
    logits = classifier.logits(middle(validation, card.side_px))
    changed = None
    if config.further:
        seen = elsewhere(validation, config.augmentation, card.side_px, config.seed)
        changed = classifier.logits(seen)
    card = calibrated_on(card, logits, data.targets[data.validation], changed)
    card = with_limits(card, logits, _normal_of_others(classifier, data))
    results = _results(Bundle(part, card), learnt.catalogue, config.seed, progress)
    metrics = {result.split: report(result, summary(result)) for result in results}
    return card.model_copy(update={"metrics": metrics}), results


def _normal_of_others(classifier: Classifier, data: TrainingData) -> list[np.ndarray]:
    """What it tells of each further laboratory's normal cells, (n, outputs)."""
    card = classifier.bundle.card
    normal = [rows[data.targets[rows] < len(card.classes)] for rows in data.further_rows]
    return [classifier.logits(middle(data.images[rows], card.side_px)) for rows in normal]


def _results(
    bundle: Bundle,
    catalogue: Catalogue,
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> list[EvaluationResult]:
    """The predictions on the splits that no weight was fitted on."""
    classifier, splits = Classifier(bundle), split(catalogue, seed=seed)
    of_image = catalogue.images["path"].map(splits)
    total, results = int(of_image.isin(MEASURED).sum()), list[EvaluationResult]()
    for name in MEASURED:
        before = sum(len(result) for result in results)

        def tell(done: int, _: int, before: int = before) -> None:
            if progress is not None:
                progress(before + done, total)

        results.append(
            evaluate(
                classifier,
                catalogue.root,
                catalogue.images[of_image == name],
                tell,
                split=name,
                data_fingerprint=catalogue.fingerprint,
                synthetic=bundle.card.synthetic,
            )
        )
    return results
