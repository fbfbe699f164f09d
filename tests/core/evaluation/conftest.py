"""Results with known answers."""

from collections.abc import Callable

import numpy as np
import pytest

from core.evaluation.results import EvaluationResult
from core.taxonomy import KEYS
from core.vision.bundle import Bundle
from tests.factories import make_bundle


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A small bundle of all classes."""
    return make_bundle(tmp_path_factory.mktemp("bundles"))


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
