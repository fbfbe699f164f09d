import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.access.accounts import Role
from core.evaluation.results import EvaluationResult
from core.taxonomy import KEYS
from core.vision.bundle import Bundle, write_card
from core.vision.card.cautions import NOT_HELD_BACK
from pages.components.evaluation.figures import REPORTED

PAGE = "pages/evaluation.py"
pytestmark = pytest.mark.usefixtures("jobs_at_once")


def _change(bundle: Bundle, **fields: object) -> None:
    write_card(bundle.folder, bundle.card.model_copy(update=fields))


@pytest.fixture
def evaluated(bundle: Bundle, open_page: Callable[[str, Role], AppTest]) -> AppTest:
    """The page after "Evaluate now" on the test split."""
    app = open_page(PAGE, Role.SCIENTIST)
    return _button(app, "Evaluate now").click().run()


def _button(app: AppTest, label: str):
    return next(button for button in app.button if button.label == label)


def test_without_a_bundle_it_says_what_to_do(state, open_page):
    app = open_page(PAGE, Role.CLINICIAN)
    assert not app.exception
    assert "Train a network" in app.info[0].value


def test_a_refused_bundle_is_named_with_the_reason(bundle, open_page):
    with (bundle.folder / "weights.pth").open("ab") as file:
        file.write(b"x")
    app = open_page(PAGE, Role.SCIENTIST)
    assert "tiny is refused" in app.error[0].value


def test_a_bundle_not_evaluated_yet_offers_to(bundle, open_page):
    app = open_page(PAGE, Role.SCIENTIST)
    assert not app.exception
    assert "not been evaluated on the test split" in app.info[0].value
    assert not app.metric


def test_the_best_epoch_of_a_run_is_evaluated_like_a_bundle(bundle, state, open_page):
    folder = state / "runs" / "20260101-resnet18" / "bundle"
    shutil.copytree(bundle.folder, folder)
    write_card(folder, bundle.card.model_copy(update={"name": "20260101-resnet18"}))
    app = open_page(PAGE, Role.SCIENTIST)
    app.selectbox(key="evaluated").set_value("20260101-resnet18").run()
    assert not app.exception and not app.error
    assert "20260101-resnet18 has not been evaluated" in app.info[0].value


def test_evaluating_shows_figures_and_keeps_them(evaluated, state, open_page):
    assert not evaluated.exception
    labels = ["Accuracy", "Macro F1", "Weakest class", REPORTED]
    assert [metric.label for metric in evaluated.metric] == labels
    result = EvaluationResult.load(state / "evaluations" / "tiny" / "test.npz")
    assert evaluated.metric[0].value == f"{(result.truth == result.predicted).mean():.1%}"
    again = open_page(PAGE, Role.CLINICIAN)
    assert [metric.value for metric in again.metric] == [m.value for m in evaluated.metric]


def test_an_evaluation_that_goes_on_is_found_by_others(bundle, open_page, request):
    request.getfixturevalue("jobs_run")
    app = open_page(PAGE, Role.SCIENTIST)
    _button(app, "Evaluate now").click().run()
    assert app.get("progress")
    other = open_page(PAGE, Role.ADMIN)
    assert other.get("progress") and not other.exception
    assert "Evaluate now" not in [button.label for button in other.button]
    assert any("Asked for by scientist" in caption.value for caption in other.caption)


def test_an_evaluation_that_failed_says_why(bundle, open_page):
    app = open_page(PAGE, Role.SCIENTIST)
    with (bundle.folder / "weights.pth").open("ab") as file:
        file.write(b"x")
    _button(app, "Evaluate now").click().run()
    assert any("tiny is refused" in error.value for error in app.error)


def test_the_menus_open_a_cell_of_the_matrix(evaluated, state):
    result = EvaluationResult.load(state / "evaluations" / "tiny" / "test.npz")
    row, column = np.unravel_index(result.confusion().argmax(), result.confusion().shape)
    true, predicted = (m for m in evaluated.selectbox if m.key in {"true", "predicted"})
    true.set_value(KEYS[row])
    predicted.set_value(KEYS[column])
    evaluated.run()
    assert not evaluated.exception
    shown = [caption.value for caption in evaluated.caption]
    expected = result.confusion()[row, column]
    assert any(text.startswith(f"{expected} ") and "first" in text for text in shown)


def test_a_bundle_changed_since_is_to_be_evaluated_again(evaluated, bundle, open_page):
    _change(bundle, temperature=2.0)
    app = open_page(PAGE, Role.SCIENTIST)
    assert len(app.warning) == 1
    assert not app.metric


def test_images_other_than_those_it_was_split_on_are_pointed_out(evaluated):
    assert any("may have learned" in warning.value for warning in evaluated.warning)


def test_a_synthetic_bundle_is_marked(bundle, open_page):
    _change(bundle, synthetic=True)
    app = open_page(PAGE, Role.SCIENTIST)
    _button(app, "Evaluate now").click().run()
    assert any("Synthetic" in warning.value for warning in app.warning)


@pytest.fixture
def north(state: Path, images: Path) -> Path:
    """Another laboratory with cells of two classes."""
    for key in ("ig", "monocyte"):
        shutil.copytree(images / key, state / "laboratories" / "north" / key)
    return state / "laboratories" / "north"


def _opened(open_page, tab: str) -> AppTest:
    app = open_page(PAGE, Role.SCIENTIST)
    app.query_params["tab"] = tab
    return app.run()


def test_without_laboratories_it_says_where_to_put_them(bundle, state, open_page):
    app = _opened(open_page, "Laboratories")
    assert not app.exception
    assert any("No external laboratory yet" in info.value for info in app.info)
    assert str(state / "laboratories") in app.code[0].value


def test_a_laboratory_is_evaluated_and_its_disagreements_shown(bundle, north, open_page):
    app = _opened(open_page, "Laboratories")
    assert "Not evaluated yet" in app.dataframe[0].value["State"].tolist()
    _button(app, "Evaluate 1 laboratory").click().run()
    assert not app.exception and not app.error
    rows = app.dataframe[0].value.set_index("Laboratory")
    assert rows.loc["north", ["State", "Images"]].tolist() == ["Evaluated", "40"]
    assert any("disagreements, the most confident first" in c.value for c in app.caption)


def test_an_image_more_makes_a_laboratory_wait_again(bundle, north, open_page, images):
    app = _opened(open_page, "Laboratories")
    _button(app, "Evaluate 1 laboratory").click().run()
    shutil.copy(images / "platelet" / "platelet_1.png", north / "ig" / "new.png")
    _button(app, "Look for new images").click().run()
    assert any(button.label == "Evaluate 1 laboratory" for button in app.button)


def test_the_share_reported_and_its_error_are_shown_for_all(evaluated, north, open_page):
    app = _opened(open_page, "Laboratories")
    _button(app, "Evaluate 1 laboratory").click().run()
    app = _opened(open_page, "Reported automatically")
    assert not app.exception
    table = next(d.value for d in app.dataframe if "Wrong among those" in d.value)
    assert table["Images"].tolist() == ["Source laboratory, test split", "north"]


def test_prediction_sets_are_held_against_what_they_promise(evaluated, open_page):
    app = _opened(open_page, "Prediction sets")
    assert not app.exception
    table = next(d.value for d in app.dataframe if "Covered" in d.value)
    assert table["Class"].tolist()[-1] == "All"
    assert table["Images"].tolist()[-1] == sum(table["Images"].tolist()[:-1])


def test_a_bundle_without_prediction_sets_says_so(bundle, open_page):
    _change(bundle, set_limits={})
    app = open_page(PAGE, Role.SCIENTIST)
    _button(app, "Evaluate now").click().run()
    app = _opened(open_page, "Prediction sets")
    assert any("gives no prediction sets" in info.value for info in app.info)


def test_the_card_is_shown_without_an_evaluation(bundle, open_page):
    app = _opened(open_page, "Card")
    assert not app.exception
    text = next(m.value for m in app.markdown if "Intended use" in m.value)
    assert "### tiny" in text and "Untrained." in text and "Not measured." in text


def test_what_was_tried_is_shown(bundle, open_page):
    app = _opened(open_page, "What was tried")
    assert not app.exception
    assert any("Jiangxi" in m.value for m in app.markdown)


def test_figures_on_what_a_model_before_may_have_learnt_from_say_so(
    evaluated, bundle, state, open_page
):
    result = EvaluationResult.load(state / "evaluations" / "tiny" / "test.npz")
    same = {"fingerprint": result.data_fingerprint}
    _change(bundle, data=bundle.card.data.model_copy(update=same))
    assert not open_page(PAGE, Role.SCIENTIST).warning
    _change(bundle, data=bundle.card.data.model_copy(update=same | {"held_back": False}))
    warnings = [warning.value for warning in open_page(PAGE, Role.SCIENTIST).warning]
    assert warnings == [NOT_HELD_BACK]
