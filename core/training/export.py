"""The best epoch of a run becomes a bundle: exported, calibrated, described."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core import taxonomy
from core.dataset.catalogue import Catalogue
from core.dataset.splits import split
from core.dataset.synthetic import MARKER
from core.errors import InvalidConfigError, RunError
from core.evaluation.evaluate import evaluate
from core.evaluation.metrics import summary
from core.evaluation.report import report
from core.evaluation.results import EvaluationResult
from core.settings import Settings
from core.training.calibrate import MAX_CONFIDENT_ERROR, fit_temperature, review_threshold
from core.training.config import TrainConfig
from core.training.data import training_data
from core.training.loop import TrainingData
from core.vision import networks
from core.vision.bundle import Bundle, Card, DataCard, load_bundle, write_card
from core.vision.classifier import Classifier, softmax
from core.vision.export import export_network

PACKAGES = ("torch", "torchvision", "timm", "openvino", "lightning-fabric")
PBC_NAME = re.compile(r"(BA|BNE|EO|ERB|IG|LY|MMY|MO|MY|NEUTROPHIL|PLATELET|PMY|SNE)_\d+\.jpg")
PBC = (
    "PBC: peripheral blood cells, CellaVision DM96, Hospital Clinic Barcelona",
    "CC BY 4.0",
    "Acevedo et al. 2020, Data in Brief 30:105474, doi:10.1016/j.dib.2020.105474",
)
SYNTHETIC = ("synthetic cells drawn by this project, no real blood", "MIT", "this project")
REAL_LIMITS = (
    "Trained on one laboratory's cells: one analyser, one stain, healthy donors without "
    "infection. Answers on other laboratories' pictures can be wrong with high confidence. "
    "Knows eight classes; blasts and other abnormal cells are answered as one of them. "
    "Donors are not identified in the data, so training and test may share people."
)
SYNTHETIC_LIMITS = "Trained on drawn cells. It is no model for real cells."


def make_bundle(run_dir: Path, name: str, settings: Settings) -> Bundle:
    """The bundle of a run's best epoch, named ``name``, beside those made before.

    Raises:
        RunError: the run has no whole epoch yet.
        InvalidConfigError: the name cannot be a folder's name, or is taken.
    """
    best = run_dir / "best.pth"
    if not best.is_file():
        raise RunError("This run has no whole epoch yet. Resume it, or wait for its first epoch.")
    check_name(name, settings)
    target = settings.bundle_dirs[1] / name
    config = TrainConfig.from_json((run_dir / "config.json").read_text(encoding="utf-8"))
    catalogue, data = training_data(config, settings.cache_dir)
    part = target.with_name(f".{name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    card, results = _described(part, name, config, catalogue, data, best)
    write_card(part, card)
    part.rename(target)
    for result in results:
        result.save(settings.evaluations_dir)
    return load_bundle(target)


def check_name(name: str, settings: Settings) -> None:
    """Raises InvalidConfigError where a new bundle cannot have this name."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise InvalidConfigError(
            "A bundle's name has up to 64 letters, digits, '-', '_' and '.', no other characters."
        )
    if any((parent / name).exists() for parent in settings.bundle_dirs):
        raise InvalidConfigError(f"A bundle named {name!r} exists already. Choose another name.")


def _described(
    part: Path, name: str, config: TrainConfig, catalogue: Catalogue, data: TrainingData, best: Path
) -> tuple[Card, list[EvaluationResult]]:
    net, _ = networks.build(config.architecture, len(data.classes), side_px=config.side_px)
    net.load_state_dict(torch.load(best, map_location="cpu", weights_only=True))
    checksums = export_network(net, part, side_px=config.side_px, mean=0.5, std=0.5)
    synthetic = (catalogue.root / MARKER).exists()
    card = Card(
        name=name,
        architecture=config.architecture,
        classes=data.classes,
        side_px=config.side_px,
        pretrained=_start_weights(best.parent / "metrics.jsonl"),
        synthetic=synthetic,
        data=_data_card(catalogue, data, config.seed, synthetic),
        review_below=1.0,
        review_rule="not calibrated yet",
        config=json.loads(config.to_json()) | {"data_dir": Path(config.data_dir).name},
        created=datetime.now(UTC),
        versions={package: version(package) for package in PACKAGES},
        licence="MIT (weights); trained on data under the licence named in data",
        intended_use=f"Research on single stained white cells. {taxonomy.RESEARCH_USE}",
        limits=SYNTHETIC_LIMITS if synthetic else REAL_LIMITS,
        checksums=checksums,
    )
    card = _calibrated(part, card, data)
    results = list(_results(Bundle(part, card), catalogue, config.seed))
    metrics = {result.split: report(result, summary(result)) for result in results}
    return card.model_copy(update={"metrics": metrics}), results


def _results(bundle: Bundle, catalogue: Catalogue, seed: int) -> Iterator[EvaluationResult]:
    """The answers on the splits that no weight was fitted on."""
    classifier, splits = Classifier(bundle), split(catalogue, seed=seed)
    for name in ("validation", "test"):
        table = catalogue.images[catalogue.images["path"].map(splits) == name]
        yield evaluate(
            classifier,
            catalogue.root,
            table,
            split=name,
            data_fingerprint=catalogue.fingerprint,
            synthetic=bundle.card.synthetic,
        )


def _calibrated(part: Path, card: Card, data: TrainingData) -> Card:
    """The card with temperature and threshold, from what the runtime answers on validation."""
    logits = Classifier(Bundle(part, card)).logits(data.images[data.validation])
    targets = data.targets[data.validation]
    temperature = fit_temperature(logits, targets)
    threshold = review_threshold(softmax(logits / temperature), targets)
    rule = (
        f"the lowest confidence at which at most {MAX_CONFIDENT_ERROR:.1%} of the "
        f"{len(targets)} validation images answered with more are wrong"
    )
    update = {"temperature": temperature, "review_below": threshold, "review_rule": rule}
    return card.model_copy(update=update)


def _data_card(catalogue: Catalogue, data: TrainingData, seed: int, synthetic: bool) -> DataCard:
    source, licence, citation = SYNTHETIC if synthetic else _origin(catalogue)
    counts = np.bincount(data.targets[data.train], minlength=len(data.classes))
    return DataCard(
        source=source,
        licence=licence,
        citation=citation,
        fingerprint=catalogue.fingerprint,
        split_seed=seed,
        images={"train": len(data.train), "validation": len(data.validation)},
        per_class=dict(zip(data.classes, counts.tolist(), strict=True)),
    )


def _origin(catalogue: Catalogue) -> tuple[str, str, str]:
    """PBC where the files are named as PBC names them, else only what is known: the folder."""
    named = catalogue.images["path"].map(lambda path: bool(PBC_NAME.fullmatch(Path(path).name)))
    if named.mean() > 0.99:
        return PBC
    return f"folder {catalogue.root.name}", "not stated", "not stated"


def _start_weights(metrics: Path) -> str:
    lines = metrics.read_text(encoding="utf-8").splitlines()
    starts: list[dict[str, Any]] = [json.loads(s) for s in lines if '"event": "start"' in s]
    return str(starts[-1]["pretrained"]) if starts else "unknown"
