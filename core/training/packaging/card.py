"""What a bundle's card says before anything is measured: what it is, and what it was trained on."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from core import taxonomy
from core.dataset.provenance import DONORS, SYNTHETIC, Provenance, provenance
from core.image_files import image_files
from core.taxonomy import ABNORMAL_KEYS
from core.training.config import TrainConfig
from core.training.loop.data import TrainingData
from core.training.packaging.learnt import Learnt, with_inherited
from core.training.runs.metrics_log import METRICS_FILE
from core.vision.card.contents import Card, DataCard, FurtherCells, HeatMapCard
from core.vision.class_mix import usual_mix
from core.vision.networks import heat_layer

LICENCE = "MIT (weights); the data have licences of their own, named with each"
PACKAGES = ("torch", "torchvision", "timm", "openvino", "lightning-fabric")
ONE_LABORATORY = (
    "Trained on one laboratory's cells: {laboratory}. Predictions on external laboratories' images "
    "can be wrong with high confidence."
)
SEVERAL_LABORATORIES = (
    "Trained on the cells of {count} laboratories. Predictions on others' images can still be "
    "wrong with high confidence: make a laboratory profile, and check it on labelled cells."
)
NO_ABNORMAL = (
    "Knows these classes only; blasts and other abnormal cells are predicted as one of them."
)
ABNORMAL = (
    "Refers blasts and other abnormal cells where it recognises them, which it learnt from few: "
    "a prediction that is not referred is no proof that a cell is normal."
)
SYNTHETIC_LIMITS = "Trained on synthetic images. It is no model for real cells."


def first_card(run_dir: Path, learnt: Learnt, checksums: dict[str, str]) -> Card:
    """The card of a run's best epoch, under the run's id; not calibrated, so all is for review."""
    config, data = learnt.config, learnt.data
    known = provenance(learnt.catalogue)
    synthetic = known is SYNTHETIC
    described = _data_card(learnt, known)
    layer = heat_layer(config.architecture)
    return Card(
        name=run_dir.name,
        architecture=config.architecture,
        classes=data.classes,
        outside=data.outside,
        side_px=config.side_px,
        view=config.view,
        class_mix=usual_mix(data.classes) if config.view else {},
        pretrained=_start_weights(run_dir / METRICS_FILE),
        synthetic=synthetic,
        data=described,
        review_below=1.0,
        review_rule="not calibrated yet",
        config=json.loads(_without_paths(config).to_json()),
        created=datetime.now(UTC),
        versions={package: version(package) for package in PACKAGES},
        licence=LICENCE,
        intended_use=f"Research on single stained blood cells. {taxonomy.RESEARCH_USE}",
        limits=SYNTHETIC_LIMITS if synthetic else _limits(described, data, known),
        heat_map=HeatMapCard(layer=layer) if layer else None,
        parent=config.start,
        checksums=checksums,
    )


def _without_paths(config: TrainConfig) -> TrainConfig:
    """A bundle is passed on; where its maker keeps images is nobody's business."""

    def named(folder: str) -> str:
        return Path(folder).name

    return replace(
        config,
        data_dir=named(config.data_dir),
        further=tuple(replace(one, folder=named(one.folder)) for one in config.further),
        smears=config.smears and replace(config.smears, folder=named(config.smears.folder)),
    )


def _data_card(learnt: Learnt, known: Provenance) -> DataCard:
    config, catalogue, data = learnt.config, learnt.catalogue, learnt.data
    own = data.train[data.train < len(catalogue.images)]
    counts = np.bincount(data.targets[own], minlength=len(data.classes))
    return DataCard(
        **vars(known.origin),
        fingerprint=catalogue.fingerprint,
        split_seed=config.seed,
        images={"train": len(own), "validation": len(data.validation)},
        per_class=dict(zip(data.classes, counts.tolist(), strict=True)),
        further=with_inherited(known.origin.source, _further(config, data), learnt.parents),
        no_cell=config.no_cell,
        held_back=learnt.held_back,
    )


def _further(config: TrainConfig, data: TrainingData) -> tuple[FurtherCells, ...]:
    """Every other source of this run, with its licence, and how many images were learnt from."""
    sources = list(config.further)
    counts = [len(rows) for rows in data.further_rows]
    if config.smears:
        sources.append(config.smears)
        counts.append(len(image_files(Path(config.smears.folder))))
    return tuple(
        FurtherCells(
            source=one.source or f"folder {Path(one.folder).name}",
            images=count,
            licence=one.licence,
            citation=one.citation,
            cells=one is not config.smears,
        )
        for one, count in zip(sources, counts, strict=True)
    )


def _limits(described: DataCard, data: TrainingData, known: Provenance) -> str:
    laboratories = 1 + sum(one.cells for one in described.further)
    where = SEVERAL_LABORATORIES if laboratories > 1 else ONE_LABORATORY
    said = where.format(count=laboratories, laboratory=known.laboratory)
    abnormal = ABNORMAL if ABNORMAL_KEYS & set(data.outside) else NO_ABNORMAL
    return " ".join([said, abnormal, DONORS])


def _start_weights(metrics: Path) -> str:
    lines = metrics.read_text(encoding="utf-8").splitlines()
    starts: list[dict[str, Any]] = [json.loads(s) for s in lines if '"event": "start"' in s]
    return str(starts[-1]["pretrained"]) if starts else "unknown"
