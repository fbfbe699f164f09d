"""Results with known answers."""

from collections.abc import Callable

import numpy as np
import pytest

from core.evaluation.results import EvaluationResult
from core.taxonomy import KEYS
from core.vision.bundle import Bundle
from core.vision.card import AttributesCard
from tests.factories import make_bundle


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A small bundle of all classes."""
    return make_bundle(tmp_path_factory.mktemp("bundles"))


@pytest.fixture
def telling() -> AttributesCard:
    """Of a bundle that tells two attributes of granulocytes."""
    return AttributesCard(
        source="a test",
        licence="none",
        citation="none",
        images={},
        classes=("neutrophil", "eosinophil"),
        values={"granularity": ("no", "yes"), "granule_colour": ("nil", "pink", "red")},
        temperature={"granularity": 1.0, "granule_colour": 1.0},
        sure_from=0.6,
        contradicts_from=0.9,
    )


@pytest.fixture
def answered() -> Callable[..., EvaluationResult]:
    """Makes a result from true and predicted class indices, each answer so confident."""

    def make(truth: list[int], predicted: list[int], sure: float | list[float] = 0.9, **fields):
        n, k = len(truth), len(KEYS)
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
            "classes": KEYS,
            "sample_ids": tuple(f"{KEYS[t]}/{i:04d}.jpg" for i, t in enumerate(truth)),
            "truth": np.array(truth),
            "probabilities": probabilities,
            "subtypes": ("",) * n,
        }
        return EvaluationResult(**(known | fields))

    return make
