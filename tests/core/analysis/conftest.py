import pytest

from core.analysis.intake import CellImage, read_image
from core.analysis.predictor import Predictor
from core.vision.classifier import Classifier
from tests.core.analysis.images import cell, encoded
from tests.factories import make_bundle


@pytest.fixture(scope="package")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return Predictor(Classifier(make_bundle(tmp_path_factory.mktemp("models"))))


@pytest.fixture
def images() -> list[CellImage]:
    """Seven cells that differ."""
    return [read_image(f"{n}.png", encoded(cell(60 + 8 * n, 70))) for n in range(7)]
