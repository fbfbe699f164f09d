"""Small real things for tests: untrained bundles that load and predict, files of attributes."""

import csv
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import nn

from core import taxonomy
from core.evaluation.results import EvaluationResult
from core.morphology import ATTRIBUTE_KEYS, ATTRIBUTES
from core.prediction import CellRef, Prediction, Status
from core.vision import networks
from core.vision.bundle import Bundle, load_bundle, write_card
from core.vision.card.contents import AttributesCard, Card, DataCard
from core.vision.described import Described, Heads
from core.vision.export import export_network
from core.vision.profile import Profile


def make_bundle(
    folder: Path,
    *,
    classes: tuple[str, ...] = taxonomy.KEYS,
    name: str = "tiny",
    seed: int = 0,
    review_below: float = 0.9,
    synthetic: bool = False,
    telling: tuple[str, ...] = (),
) -> Bundle:
    """An EfficientNet-Lite0 at 64 px with an untrained last layer, in ``folder / name``.

    Args:
        telling: classes whose cells it tells attributes of, by heads that are untrained, too.
    """
    exported = _export(len(classes), seed, heads=bool(telling))
    target = folder / name
    shutil.copytree(exported.folder, target)
    card = make_card(
        name=name,
        classes=classes,
        pretrained=exported.origin,
        synthetic=synthetic,
        review_below=review_below,
        attributes=make_attributes_card(telling) if telling else None,
        checksums=exported.checksums,
    )
    write_card(target, card)
    return load_bundle(target)


def make_card(**fields: Any) -> Card:
    """Of an EfficientNet-Lite0 at 64 px that is sure from 90%; fields as they are given."""
    known: dict[str, Any] = {
        "name": "tiny",
        "architecture": "efficientnet_lite0",
        "classes": taxonomy.KEYS,
        "side_px": 64,
        "pretrained": "none",
        "synthetic": False,
        "data": DataCard(
            source="none",
            fingerprint="0" * 16,
            split_seed=0,
            images={},
            per_class={},
            licence="none",
            citation="none",
        ),
        "review_below": 0.9,
        "set_limits": dict.fromkeys(taxonomy.KEYS, 0.1),
        "review_rule": "set by a test",
        "created": datetime(2026, 1, 1, tzinfo=UTC),
        "licence": "MIT",
        "intended_use": taxonomy.RESEARCH_USE,
        "limits": "Untrained.",
    }
    return Card(**(known | fields))


@dataclass(frozen=True)
class _Exported:
    folder: Path
    origin: str
    checksums: dict[str, str]


@cache
def _export(classes: int, seed: int, *, heads: bool) -> _Exported:
    """The files of a network, made once a process: exporting takes seconds, copying does not."""
    torch.manual_seed(seed)
    net, origin = networks.build("efficientnet_lite0", classes, side_px=64, pretrained=True)
    folder = Path(_exports().name) / f"{classes}-{seed}-{heads}"
    folder.mkdir()
    own = _untrained_heads(net) if heads else None
    checksums = export_network(net, folder, side_px=64, mean=0.5, std=0.5, heads=own)
    return _Exported(folder, origin, checksums)


@cache
def _exports() -> TemporaryDirectory[str]:
    """Gone with the process."""
    return TemporaryDirectory(prefix="blood-cells-exports-")


def _untrained_heads(net: nn.Module) -> Heads:
    described = Described(net.eval())
    with torch.inference_mode():
        width = described.tell(torch.zeros(1, 3, 64, 64))[2].shape[1]
    described.release()
    return Heads(width, [len(one.words) for one in ATTRIBUTES])


def make_attributes_card(classes: tuple[str, ...], **fields: Any) -> AttributesCard:
    """Of a bundle that is sure from 20% and never contradicts a class; fields as they are given."""
    known = AttributesCard(
        source="none",
        licence="none",
        citation="none",
        images={},
        classes=classes,
        values={one.key: tuple(one.words) for one in ATTRIBUTES},
        temperature=dict.fromkeys(ATTRIBUTE_KEYS, 1.0),
        sure_from=0.2,
        contradicts_from=1.0,
    )
    return known.model_copy(update=fields)


def make_result(
    truth: Sequence[int] | np.ndarray,
    predicted: Sequence[int] | np.ndarray,
    sure: float | Sequence[float] | np.ndarray = 0.9,
    **fields: Any,
) -> EvaluationResult:
    """A result from true and predicted class indices, each so confident; accepted from 80% on.

    Args:
        fields: of the result, instead of those of a bundle "tiny" and images that are nowhere.
    """
    n, k = len(truth), len(taxonomy.KEYS)
    top = np.broadcast_to(np.asarray(sure, dtype=float), (n,))
    probabilities = np.repeat(((1 - top) / (k - 1))[:, None], k, axis=1)
    probabilities[np.arange(n), predicted] = top
    known = {
        "bundle": "tiny",
        "mark": "m",
        "runtime": "none",
        "data_fingerprint": "d",
        "split": "test",
        "synthetic": False,
        "classes": taxonomy.KEYS,
        "sample_ids": tuple(f"{taxonomy.KEYS[t]}/{i:04d}.jpg" for i, t in enumerate(truth)),
        "truth": np.array(truth),
        "probabilities": probabilities,
        "subtypes": ("",) * n,
        "statuses": tuple("confident" if one >= 0.8 else "review" for one in top),
    }
    return EvaluationResult(**(known | fields))


def write_attributes(file: Path, given: Mapping[str, Mapping[str, str]]) -> Path:
    """A CSV file as WBCAtt's: by name of the image, the value of each attribute."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as opened:
        rows = csv.DictWriter(opened, ["img_name", *ATTRIBUTE_KEYS])
        rows.writeheader()
        rows.writerows({"img_name": name, **values} for name, values in given.items())
    return file


def make_prediction(**fields: Any) -> Prediction:
    """A doubtful prediction about a neutrophil; fields as they are given."""
    known: dict[str, Any] = {
        "cell": CellRef("ab" * 32, "a.png"),
        "label": "neutrophil",
        "confidence": 0.6,
        "probabilities": {"neutrophil": 0.6, "ig": 0.4},
        "attributes": {},
        "reference_cells": (),
        "prediction_set": ("neutrophil", "ig"),
        "status": Status.REVIEW,
        "reason": "Not sure.",
        "bundle": "tiny",
        "bundle_hash": "cd" * 32,
        "profile": None,
        "profile_hash": None,
        "milliseconds": 3.0,
    }
    return Prediction(**(known | fields))


def make_profile(**fields: Any) -> Profile:
    """A laboratory profile "ward-3" that takes all classes to be as common; fields as given."""
    known: dict[str, Any] = {
        "name": "ward-3",
        "cells": 60,
        "nucleus_share": 0.3,
        "class_mix": dict.fromkeys(taxonomy.KEYS, 1 / 8),
        "bundle": "tiny",
        "created": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return Profile(**(known | fields))
