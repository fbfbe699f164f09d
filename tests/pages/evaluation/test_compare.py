import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.access.accounts import Role
from core.dataset.catalogue import update_catalogue
from core.dataset.splits import saved_split
from core.evaluation.compare import Paired
from core.evaluation.mark import bundle_mark
from core.evaluation.results import EvaluationResult
from core.settings import settings as current_settings
from core.taxonomy import KEYS
from core.vision.bundle import Bundle, load_bundle, write_card
from pages.components.evaluation import differences
from tests.factories import make_result

PAGE = "pages/evaluation.py"
BASOPHIL, IG = "basophil", "ig"


@pytest.fixture
def second(bundle: Bundle) -> Bundle:
    """A copy of "tiny" under a name of its own."""
    return _renamed(bundle, name="second")


def _renamed(bundle: Bundle, **fields: object) -> Bundle:
    card = bundle.card.model_copy(update=fields)
    folder = bundle.folder.with_name(card.name)
    if folder != bundle.folder:
        shutil.copytree(bundle.folder, folder)
    write_card(folder, card)
    return load_bundle(folder)


@pytest.fixture
def evaluated(state: Path, images: Path) -> Callable[..., EvaluationResult]:
    """Saves an evaluation on the test split: all right, but for these cells (class, number)."""
    catalogue = update_catalogue(images, current_settings().cache_dir)

    def save(bundle: Bundle, wrong: dict[tuple[str, int], str], drop: int = 0) -> EvaluationResult:
        parts = saved_split(catalogue, current_settings().cache_dir, bundle.card.data.split_seed)
        paths = sorted(parts.index[parts == "test"])[drop:]
        true = [path.split("/")[0] for path in paths]
        said = list(true)
        for (key, number), predicted in wrong.items():
            said[true.index(key) + number] = predicted
        result = make_result(
            [KEYS.index(key) for key in true],
            [KEYS.index(key) for key in said],
            bundle=bundle.name,
            mark=bundle_mark(bundle.card),
            data_fingerprint=catalogue.fingerprint,
            sample_ids=tuple(paths),
        )
        result.save(current_settings().evaluations_dir)
        return result

    return save


@pytest.fixture
def opened(open_page: Callable[[str, Role], AppTest]) -> Callable[[], AppTest]:
    """Opens the tab of "tiny", so that it is A."""

    def open_tab() -> AppTest:
        app = open_page(PAGE, Role.SCIENTIST)
        app.query_params["tab"] = "Compare"
        app.selectbox(key="evaluated").set_value("tiny").run()
        assert not app.exception and not app.error
        return app

    return open_tab


@pytest.fixture
def compared(bundle, second, evaluated, opened) -> AppTest:
    """B gains three cells and loses one; one more is wrong in both, each time otherwise."""
    wrong = {(BASOPHIL, 0): "platelet", (BASOPHIL, 1): "monocyte", (IG, 0): "monocyte"}
    evaluated(bundle, {**wrong, ("eosinophil", 0): "neutrophil"})
    evaluated(second, {(BASOPHIL, 2): "lymphocyte", ("eosinophil", 0): "erythroblast"})
    return opened()


def _captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def _drawn(app: AppTest) -> list[str]:
    """What stands under the images of the tab."""
    return [text for text in _captions(app) if text.startswith("Labelled") and "A: " in text]


def test_a_single_bundle_says_where_another_comes_from(bundle, evaluated, opened):
    evaluated(bundle, {})
    assert any("no other model" in info.value for info in opened().info)


@pytest.mark.usefixtures("jobs_at_once")
def test_a_bundle_not_evaluated_here_is_offered_to_be(bundle, second, evaluated, opened):
    evaluated(bundle, {})
    app = opened()
    assert any("second has not been evaluated on the test split" in i.value for i in app.info)
    next(b for b in app.button if b.label == "Evaluate now").click().run()
    assert not app.exception and not app.error
    saved = EvaluationResult.load(current_settings().evaluations_dir / "second" / "test.npz")
    share = (saved.truth == saved.predicted).mean()
    metric = next(m for m in app.metric if m.label == "B: second")
    assert metric.value == f"{share:.1%}"


def test_where_both_say_the_same_nothing_is_drawn(bundle, second, evaluated, opened):
    evaluated(bundle, {(BASOPHIL, 0): "ig"})
    evaluated(second, {(BASOPHIL, 0): "ig"})
    app = opened()
    assert any("no cell is discordant" in info.value for info in app.info)
    assert any("equally often" in text.value and "p = 1.00" in text.value for text in app.markdown)
    assert "Cells" not in [control.label for control in app.segmented_control]


def test_the_difference_is_told_in_figures_and_in_words(compared):
    figures = {m.label: m.value for m in compared.metric}
    assert figures["Discordant"] == "4"
    assert "3 gained, 1 lost by B" in _captions(compared)
    words = next(m.value for m in compared.markdown if "B is right" in m.value)
    assert "B is right on 2 more of" in words and "p = 0.62: could be chance" in words


def test_each_class_has_a_row_with_what_changed(compared):
    rows = next(d.value for d in compared.dataframe if "Only B right" in d.value)
    rows = rows.set_index("Class")
    assert rows.loc["◆ Basophil", ["Only B right", "Only A right"]].tolist() == [2, 1]
    assert rows.loc["All", ["Only B right", "Only A right"]].tolist() == [3, 1]
    assert rows.loc["★ Immature granulocyte", "B minus A, points"].startswith("+")


def test_images_say_what_each_bundle_said_and_the_truth(compared):
    assert len(_drawn(compared)) == 3
    assert [toggle.key for toggle in compared.toggle] == ["cell all"]  # none without probabilities
    assert "Labelled basophil  \nA: ✚ Platelet 90.0%  \nB: ◆ Basophil 90.0%" in _drawn(compared)


@pytest.mark.parametrize(
    "side, expected",
    [
        ("Lost", "Labelled basophil  \nA: ◆ Basophil 90.0%  \nB: ■ Lymphocyte 90.0%"),
        ("Both wrong", "Labelled eosinophil  \nA: ● Neutrophil 90.0%  \nB: ⬟ Erythroblast 90.0%"),
    ],
)
def test_the_control_chooses_the_side(side, expected, compared):
    compared.segmented_control(key="changed").set_value(side).run()
    assert _drawn(compared) == [expected]


def test_the_menu_leaves_one_class_or_says_that_it_has_none(compared):
    compared.selectbox(key="changed_class").set_value("ig").run()
    assert [text.split("  \n")[0] for text in _drawn(compared)] == ["Labelled immature granulocyte"]
    compared.segmented_control(key="changed").set_value("Lost").run()
    assert any("There is no cell that A has right" in info.value for info in compared.info)


def test_a_bundle_is_never_compared_with_itself(compared):
    compared.selectbox(key="evaluated").set_value("second").run()
    assert not compared.exception
    assert compared.selectbox(key="compared").value == "tiny"
    assert compared.selectbox(key="compared").options == ["tiny"]
    assert next(m.value for m in compared.metric if m.label == "Discordant") == "4"


def test_images_that_only_one_has_read_are_counted(bundle, second, evaluated, opened):
    evaluated(bundle, {})
    evaluated(second, {}, drop=2)
    assert "Images left out: 2, for not both models have read them." in _captions(opened())


def test_other_split_seeds_are_pointed_out(bundle, second, evaluated, opened):
    data = second.card.data.model_copy(update={"split_seed": 1})
    second = _renamed(second, data=data)
    both = set(evaluated(bundle, {}).sample_ids) & set(evaluated(second, {}).sample_ids)
    app = opened()
    assert any("the split seeds differ" in text for text in _captions(app))
    assert any(f"on {len(both)} cells" in text.value for text in app.markdown)


def test_classes_that_a_bundle_does_not_know_are_named(bundle, second, evaluated, opened):
    second = _renamed(second, classes=tuple(key for key in KEYS if key != "platelet"))
    evaluated(bundle, {})
    evaluated(second, {("platelet", 0): "ig"})
    assert any("B does not know Platelet" in text for text in _captions(opened()))


def test_a_warning_about_b_names_it(compared):
    warnings = [warning.value for warning in compared.warning]
    assert sum("may have learned" in text for text in warnings) == 2
    assert any("the split of second" in text for text in warnings)


@pytest.mark.parametrize(
    "paired, words",
    [
        (
            Paired(2529, 2400, 60, 20),
            "B is right on 40 more of 2,529 cells: +1.6 points (+0.9 to +",
        ),
        (
            Paired(2529, 2400, 20, 60),
            "B is right on 40 fewer of 2,529 cells: -1.6 points (-2.3 to -",
        ),
        (Paired(2529, 2400, 45, 18), "p < 0.001: hardly chance."),
        (Paired(2529, 2400, 22, 10), "p = 0.050: could be chance."),
        (Paired(100, 90, 6, 0), "p = 0.031: hardly chance."),
        (Paired(100, 90, 3, 3), "A and B are right equally often on 100 cells: 0.0 points"),
        (Paired(100, 90, 3, 3), "p = 1.00: no difference seen."),
    ],
)
def test_words(paired, words):
    assert words in differences.in_words(paired)


def test_the_chart_tells_better_worse_and_chance_by_shape():
    chart = differences.chart_of(
        {
            "basophil": Paired(100, 60, 20, 1),
            "ig": Paired(100, 60, 1, 20),
            "monocyte": Paired(100, 90, 3, 2),
        }
    )
    looks = {trace.name: (trace.y[0], trace.marker.symbol) for trace in chart.data}
    assert looks == {
        "A is better": ("★ Immature granulocyte", "triangle-left"),
        "B is better": ("◆ Basophil", "triangle-right"),
        "Could be chance": ("▼ Monocyte", "circle-open"),
    }


def test_the_chart_draws_each_interval_and_where_both_are_alike():
    paired = Paired(100, 60, 20, 1)
    chart = differences.chart_of({"basophil": paired})
    (trace,) = chart.data
    assert trace.x[0] + trace.error_x.array[0] == pytest.approx(100 * paired.difference.high)
    assert trace.x[0] - trace.error_x.arrayminus[0] == pytest.approx(100 * paired.difference.low)
    assert [line.x0 for line in chart.layout.shapes] == [0]
