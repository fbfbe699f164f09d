"""Results with known predictions."""

from collections.abc import Callable

import pytest

from core.evaluation.results import EvaluationResult
from core.vision.bundle import Bundle
from core.vision.card.contents import AttributesCard
from tests.factories import make_attributes_card, make_bundle, make_result


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A small bundle of all classes."""
    return make_bundle(tmp_path_factory.mktemp("bundles"))


@pytest.fixture
def telling() -> AttributesCard:
    """Of a bundle that tells two attributes of granulocytes."""
    values = {"granularity": ("no", "yes"), "granule_colour": ("nil", "pink", "red")}
    return make_attributes_card(("neutrophil", "eosinophil"), values=values, sure_from=0.6)


@pytest.fixture
def evaluated() -> Callable[..., EvaluationResult]:
    """Makes a result from true and predicted class indices, each prediction so confident."""
    return make_result
