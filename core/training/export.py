"""The best epoch of a run becomes a bundle: exported, calibrated, described."""

import json
import shutil
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core import taxonomy
from core.dataset.catalogue import Catalogue
from core.errors import InvalidConfigError, RunError
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
SYNTHETIC_MARK = "SYNTHETIC.md"
PBC = DataCard(
    source="PBC: peripheral blood cells, CellaVision DM96, Hospital Clinic Barcelona",
    fingerprint="",
    split_seed=0,
    images={},
    per_class={},
    licence="CC BY 4.0",
    citation="Acevedo et al. 2020, Data in Brief 30:105474, doi:10.1016/j.dib.2020.105474",
)
SYNTHETIC = PBC.model_copy(
    update={
        "source": "synthetic cells drawn by this project, no real blood",
        "licence": "MIT",
        "citation": "this project",
    }
)
REAL_LIMITS = (
    "Trained on one laboratory's cells: one analyser, one stain, healthy donors without "
    "infection. Answers on other laboratories' pictures can be wrong with high confidence. "
    "Knows eight classes; blasts and other abnormal cells are answered as one of them. "
    "Donors are not identified in the data, so training and test may share people."
)
SYNTHETIC_LIMITS = "Trained on drawn cells. It is no model for real cells."


def make_bundle(run_dir: Path, name: str, settings: Settings, *, folder: Path | None = None) -> Bundle:
    """The bundle of a run's best epoch, named ``name``, beside those made before.

    Args:
        folder: where to put it; None for ``state_dir/models``.

    Raises:
        RunError: the run has no whole epoch yet.
        InvalidConfigError: the name cannot be a folder's name, or is taken.
    """
    best = run_dir / "best.pth"
    if not best.is_file():
        raise RunError("This run has no whole epoch yet. Resume it, or wait for its first epoch.")
    target = (folder or settings.bundle_dirs[1]) / _checked(name)
    if any((parent / name).exists() for parent in settings.bundle_dirs) or target.exists():
        raise InvalidConfigError(f"A bundle named {name!r} exists already. Choose another name.")
    config = TrainConfig.from_json((run_dir / "config.json").read_text(encoding="utf-8"))
    catalogue, data = training_data(config, settings.cache_dir)
    part = target.with_name(f".{name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    _write(part, name, config, catalogue, data, best)
    part.rename(target)
    return load_bundle(target)


def _checked(name: str) -> str:
    if not name or name != name.strip() or not all(c.isalnum() or c in "-_." for c in name):
        raise InvalidConfigError("A bundle's name has letters, digits, '-', '_' and '.' only.")
    if name.startswith("."):
        raise InvalidConfigError("A bundle's name cannot start with a dot.")
    return name


def _write(
    part: Path, name: str, config: TrainConfig, catalogue: Catalogue, data: TrainingData, best: Path
) -> None:
    net, _ = networks.build(config.architecture, len(data.classes), side_px=config.side_px)
    net.load_state_dict(torch.load(best, map_location="cpu", weights_only=True))
    checksums = export_network(net, part, side_px=config.side_px, mean=0.5, std=0.5)
    synthetic = (catalogue.root / SYNTHETIC_MARK).exists()
    card = Card(
        name=name,
        architecture=config.architecture,
        classes=data.classes,
        side_px=config.side_px,
        pretrained=_start_weights(best.parent / "metrics.jsonl"),
        synthetic=synthetic,
        data=_data_card(SYNTHETIC if synthetic else PBC, config, catalogue, data),
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
    write_card(part, card)
    write_card(part, _calibrated(part, card, data))


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


def _data_card(
    known: DataCard, config: TrainConfig, catalogue: Catalogue, data: TrainingData
) -> DataCard:
    counts = np.bincount(data.targets[data.train], minlength=len(data.classes))
    return known.model_copy(
        update={
            "fingerprint": catalogue.fingerprint,
            "split_seed": config.seed,
            "images": {"train": len(data.train), "validation": len(data.validation)},
            "per_class": dict(zip(data.classes, counts.tolist(), strict=True)),
        }
    )


def _start_weights(metrics: Path) -> str:
    lines = metrics.read_text(encoding="utf-8").splitlines()
    starts: list[dict[str, Any]] = [json.loads(s) for s in lines if '"event": "start"' in s]
    return str(starts[-1]["pretrained"]) if starts else "unknown"
