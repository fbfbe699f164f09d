"""Tabs Attributes, Slices and Map: what stands behind the figures, down to the images."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.access.accounts import Role
from core.dataset.catalogue import update_catalogue
from core.dataset.splits import saved_split
from core.evaluation.mark import bundle_mark
from core.evaluation.results import EvaluationResult
from core.morphology import ATTRIBUTES
from core.settings import settings as current_settings
from core.taxonomy import KEYS
from core.vision.bundle import Bundle, load_bundle
from pages.components.evaluation import map as evaluation_map
from pages.components.evaluation import slices
from tests.factories import make_bundle, make_result, write_attributes

PAGE = "pages/evaluation.py"
FIRST = {one.key: next(iter(one.words)) for one in ATTRIBUTES}  # granularity no
Opened = Callable[[str], AppTest]


@pytest.fixture(scope="session")
def untrained_telling(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle that tells attributes, to copy."""
    folder = tmp_path_factory.mktemp("telling")
    return make_bundle(folder, name="telling", telling=("neutrophil", "eosinophil"))


@pytest.fixture
def telling(state: Path, untrained_telling: Bundle) -> Bundle:
    """The only bundle of this test."""
    return load_bundle(shutil.copytree(untrained_telling.folder, state / "models" / "telling"))


@pytest.fixture
def evaluated(state: Path, images: Path) -> Callable[..., EvaluationResult]:
    """Saves an evaluation on the test split; so many neutrophils are wrong, and lack granules."""
    catalogue = update_catalogue(images, current_settings().cache_dir)

    def save(bundle: Bundle, wrong: int = 0, embedded: bool = True) -> EvaluationResult:
        parts = saved_split(catalogue, current_settings().cache_dir, bundle.card.data.split_seed)
        paths = sorted(parts.index[parts == "test"])
        truth = np.array([KEYS.index(path.split("/")[0]) for path in paths])
        said = truth.copy()
        errors = np.flatnonzero(truth == KEYS.index("neutrophil"))[:wrong]
        said[errors] = KEYS.index("ig")
        card = bundle.card.attributes
        result = make_result(
            truth,
            said,
            bundle=bundle.name,
            mark=bundle_mark(bundle.card),
            data_fingerprint=catalogue.fingerprint,
            sample_ids=tuple(paths),
            subtypes=tuple("Band" if at in errors else "" for at in range(len(paths))),
            attributes_card=card,
            attributes=_shares(len(paths), errors) if card else np.empty((len(paths), 0)),
            embedding=np.eye(8, dtype=np.float16)[truth] if embedded else np.empty((0, 0)),
        )
        result.save(current_settings().evaluations_dir)
        return result

    return save


def _shares(n: int, without_granules: Sequence[int] | np.ndarray) -> np.ndarray:
    """(N, A): all attributes have their last value, but some cells have no granules."""
    parts = []
    for one in ATTRIBUTES:
        at = np.full(n, len(one.words) - 1)
        if one.key == "granularity":
            at[without_granules] = 0
        parts.append(np.eye(len(one.words), dtype=np.float32)[at])
    return np.concatenate(parts, axis=1)


@pytest.fixture
def opened(open_page: Callable[[str, Role], AppTest]) -> Opened:
    """Opens a tab."""

    def open_tab(tab: str) -> AppTest:
        app = open_page(PAGE, Role.SCIENTIST)
        app.query_params["tab"] = tab
        app.run()
        assert not app.exception and not app.error
        return app

    return open_tab


def test_errors_are_told_by_the_look_of_their_cells(telling, evaluated, opened):
    evaluated(telling, wrong=2)
    app = opened("Attributes")
    table = next(d.value for d in app.dataframe if "All cells" in d.value)
    assert table["Cells"].iloc[0] == "Neutrophils without visible granules"
    assert table["Errors"].iloc[0] == "2 of 2"
    assert any(
        "Neutrophils without visible granules: 2 of 2 errors" in m.value for m in app.markdown
    )


def test_a_row_of_the_looks_opens_its_errors(telling, evaluated, opened):
    evaluated(telling, wrong=2)
    app = opened("Attributes")
    app.session_state["looks telling test None"] = {"selection": {"rows": [1], "columns": []}}
    app.run()
    table = next(d.value for d in app.dataframe if "All cells" in d.value)
    chosen = f"{table['Cells'].iloc[1]}: {table['Errors'].iloc[1]} errors"
    assert any(chosen in m.value for m in app.markdown)


def test_agreement_is_told_for_each_file_by_itself(telling, evaluated, opened, images):
    result = evaluated(telling)
    names = [Path(path).name for path in result.sample_ids]
    folder = images.parent / "wbcatt"
    write_attributes(folder / "train.csv", dict.fromkeys(names[:5], FIRST))
    write_attributes(folder / "val.csv", dict.fromkeys(names[5:8], FIRST))
    try:
        app = opened("Attributes")
    finally:
        shutil.rmtree(folder)
    table = next(d.value for d in app.dataframe if "File" in d.value)
    assert table[["File", "Cells"]].values.tolist() == [["train.csv", 5], ["val.csv", 3]]
    by_attribute = next(d.value for d in app.dataframe if "Right where reported" in d.value)
    assert by_attribute["Attribute"].tolist() == [one.name for one in ATTRIBUTES]
    assert any("agrees too well" in c.value for c in app.caption)


def test_without_annotations_it_says_where_to_put_them(telling, evaluated, opened):
    evaluated(telling)
    shown = [info.value for info in opened("Attributes").info]
    assert any("No error among the cells" in text for text in shown)
    assert any("a folder wbcatt beside the data set" in text for text in shown)


def test_a_bundle_that_tells_no_attributes_says_so(bundle, evaluated, opened):
    evaluated(bundle, wrong=2)
    app = opened("Attributes")
    assert any("This model tells no attributes" in info.value for info in app.info)


def test_the_worst_slice_shows_its_errors_first(bundle, evaluated, opened):
    result = evaluated(bundle, wrong=2)
    app = opened("Slices")
    quarter = app.selectbox(key=slices.SLICE)
    assert len(quarter.options) == 4
    app.segmented_control(key="slices_by").set_value("subtype").run()
    assert app.selectbox(key=slices.SLICE).options == ["Band"]
    assert any("2 errors among 2 images" in c.value for c in app.caption)
    assert len(result.errors()) == 2


def test_a_slice_without_errors_and_images_without_subtypes_say_so(bundle, evaluated, opened):
    evaluated(bundle)
    app = opened("Slices")
    assert any("No error here" in info.value for info in app.info)
    app.segmented_control(key="slices_by").set_value("subtype").run()
    assert any("carry no subtypes" in info.value for info in app.info)


def test_the_map_has_a_dot_for_each_cell_and_rings_its_errors(bundle, evaluated, opened):
    result = evaluated(bundle, wrong=2)
    app = opened("Map")
    assert any("Click a dot" in m.value for m in app.markdown)
    assert (current_settings().evaluations_dir / "tiny" / "test.map.npz").is_file()
    chart = evaluation_map._chart(result)
    *classes, rings = chart.data
    assert [trace.name for trace in classes] == [
        "Basophil",
        "Eosinophil",
        "Erythroblast",
        "Immature granulocyte",
        "Lymphocyte",
        "Monocyte",
        "Neutrophil",
        "Platelet",
    ]
    assert sum(len(trace.x) for trace in classes) == len(result)
    assert len({trace.marker.symbol for trace in classes}) == len(classes)
    assert len(rings.x) == 2
    for at, _, _ in rings.customdata:
        assert result.truth[at] != result.predicted[at]


def test_without_embeddings_it_says_why_there_is_no_map(bundle, evaluated, opened):
    evaluated(bundle, embedded=False)
    assert any("There is no map" in info.value for info in opened("Map").info)
