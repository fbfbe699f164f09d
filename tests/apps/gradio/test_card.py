"""What others chose as a name is shown on the Gradio page as it is."""

from apps.gradio import card
from core.analysis.intake import read_image
from core.analysis.logging import LoggedPrediction
from core.prediction import CellRef
from tests.core.analysis.images import cell, encoded
from tests.factories import make_prediction

NAME = '"><img src=http://evil.example/x.png onerror=alert(1)> <a href=http://evil.example>a</a>'


def test_a_name_is_no_html() -> None:
    image = read_image(NAME, encoded(cell()))
    said = make_prediction(cell=CellRef("ab" * 32, NAME), bundle=NAME, profile=NAME, reason=NAME)
    for drawn in (
        card.prediction(LoggedPrediction(image, said, 1), drawn=False),
        card.refusal(NAME),
        card.cautions([NAME]),
    ):
        assert "evil.example" in drawn
        assert "<img src=http" not in drawn and "<a href" not in drawn
