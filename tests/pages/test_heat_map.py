"""Heat maps beside a prediction: made when asked for, once, and kept as they were shown."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.access.accounts import Role
from core.analysis.heat_map import HeatMap, HeatMaps
from core.dataset.synthetic import render_cell
from core.errors import RecordError
from core.prediction import ReferenceCell
from core.records import heat_maps
from core.records.store import Store
from core.records.tables import ReadingRow
from core.settings import ROOT, Settings
from core.settings import settings as current_settings
from core.vision import networks
from core.vision.bundle import Bundle
from core.vision.card.cautions import NO_REFERRAL
from core.vision.preparation import Seen
from pages.components.reading import heat_map
from tests.core.analysis.images import encoded

OpenPage = Callable[[str, Role], AppTest]
NO_TORCH = """
import sys
import pages.components.reading.view, pages.components.history.table
assert not {"torch", "captum"} & set(sys.modules)
"""


@pytest.fixture
def page(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage, untrained: Bundle
) -> AppTest:
    """The Predict page with one prediction of a bundle that is sure of nothing."""
    monkeypatch.setenv("BLOODCELLS_BUNDLE", "tiny")
    current_settings.cache_clear()
    shutil.copytree(untrained.folder, current_settings().bundle_dirs[1] / "tiny")
    app = open_page("pages/predict.py", Role.CLINICIAN)
    cell = Image.fromarray(render_cell("neutrophil", np.random.default_rng(0), 128))
    app.file_uploader[0].upload("a.png", encoded(cell), "application/octet-stream")
    return app.run()


def change(store: Store, **values: object) -> None:
    """Makes the logged prediction say something else."""
    with store.write() as session:
        for name, value in values.items():
            setattr(session.get_one(ReadingRow, 1), name, value)


def has_button(page: AppTest) -> bool:
    return any(button.key == "reading_heat" for button in page.button)


def press(page: AppTest) -> AppTest:
    return page.button(key="reading_heat").click().run()


def warnings(page: AppTest) -> list[str]:
    """Those about the heat map; that of a bundle without blasts stands above them."""
    return [one.value for one in page.warning if one.value != NO_REFERRAL]


def meaning(page: AppTest) -> list[str]:
    assert not page.exception
    return [c.value for c in page.caption if c.value.startswith("Yellow where")]


def test_none_is_drawn_before_somebody_asks(page: AppTest, store: Store) -> None:
    button = page.button(key="reading_heat")
    assert (button.label, button.proto.shortcut) == ("Heat map", "h")
    assert not meaning(page)
    assert heat_maps.kept(store, 1) == ()


def test_asked_for_it_says_what_it_means_and_is_kept(page: AppTest, store: Store) -> None:
    press(page)
    shown = store.reading(1).prediction
    (kept,) = heat_maps.kept(store, 1)
    (words,) = meaning(page)
    assert f"{kept.method}, layer {kept.layer}" in words
    assert "not why" in words
    assert (kept.label, kept.bundle) == (shown.label, "tiny")
    assert page.button(key="reading_heat").label == "Hide heat map"


def test_turning_it_on_again_costs_nothing(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    draw = HeatMaps.of

    def counted(maps: HeatMaps, seen: Seen, label: str) -> HeatMap:
        made.append(label)
        return draw(maps, seen, label)

    monkeypatch.setattr(HeatMaps, "of", counted)
    press(page)
    press(page)
    assert not meaning(page)
    press(page)
    assert meaning(page)
    assert len(made) == 1


def test_the_other_likely_classes_have_theirs(page: AppTest, store: Store) -> None:
    first, other = store.reading(1).prediction.label, "platelet"
    assert first != other
    change(store, prediction_set=[first, other])
    press(page)
    choice = page.segmented_control(key="reading_heat_of_1")
    assert len(choice.options) == 2
    choice.set_value(other).run()
    assert "for platelet (" in meaning(page)[0]
    assert [kept.label for kept in heat_maps.kept(store, 1)] == [first, other]


def test_a_class_alone_leaves_no_choice(page: AppTest, store: Store) -> None:
    change(store, prediction_set=[store.reading(1).prediction.label])
    press(page)
    assert meaning(page)
    assert "reading_heat_of_1" not in [control.key for control in page.segmented_control]


def test_of_a_suspected_blast_it_explains_the_suspicion_first(
    page: AppTest, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, asked = HeatMaps.of, list[str]()

    def of_any(maps: HeatMaps, seen: Seen, label: str) -> HeatMap:  # the bundle knows no blasts
        asked.append(label)
        return replace(draw(maps, seen, "neutrophil"), label=label)

    monkeypatch.setattr(HeatMaps, "of", of_any)
    label = store.reading(1).prediction.label
    blast = ReferenceCell("blast", "MYO_1.jpg", "LMU: leukaemia", 0.9, "test/blast/1")
    change(store, status="referred", reference_cells=[vars(blast)], prediction_set=[label])
    press(page)
    assert asked == ["blast"]
    assert "for blast (" in meaning(page)[0]
    page.segmented_control(key="reading_heat_of_1").set_value(label).run()
    assert asked == ["blast", label]
    assert heat_map.NOT_THE_SUSPICION in meaning(page)[0]


def test_where_the_suspicion_cannot_be_explained_it_says_so(page: AppTest, store: Store) -> None:
    change(store, status="referred", reference_cells=[])
    press(page)
    assert heat_map.NOT_THE_SUSPICION in meaning(page)[0]


def test_what_is_no_cell_has_none(page: AppTest, store: Store) -> None:
    press(page)
    change(store, status="rejected", label="no_cell")
    page.run()
    assert not meaning(page)
    assert not has_button(page)


def test_it_is_shown_also_where_it_cannot_be_kept(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    def fail(*_args: object) -> None:
        raise RecordError("The disk is full.")

    with monkeypatch.context() as full:
        full.setattr(heat_maps, "keep", fail)
        press(page)
        assert meaning(page)
        assert warnings(page) == ["The history will not show this heat map. The disk is full."]
    page.run()
    assert not warnings(page)
    assert heat_maps.kept(store, 1)


def test_a_network_without_a_layer_says_so_and_the_image_stays(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = len(page.image)
    monkeypatch.setattr(networks, "HEAT_LAYERS", {})
    press(page)
    assert not meaning(page)
    assert "No heat map can be drawn of efficientnet_lite0" in warnings(page)[0]
    assert len(page.image) == images == 1


@pytest.mark.parametrize("asked", [False, True])
def test_the_history_shows_those_that_were_shown(
    page: AppTest, open_page: OpenPage, asked: bool
) -> None:
    if asked:
        press(page)
    app = open_page("Home.py", Role.CLINICIAN).switch_page("pages/history.py")
    app.query_params["view"] = "Readings"
    app.session_state["readings [1]"] = {"selection": {"rows": [0], "columns": []}}
    app.run()
    assert not app.exception
    told = [c.value for c in app.caption if c.value.startswith("Heat maps that were shown")]
    assert len(told) == asked
    assert len(app.image) == 1 + asked


def test_the_pages_do_not_load_the_network_for_it() -> None:
    done = subprocess.run([sys.executable, "-c", NO_TORCH], cwd=ROOT, timeout=120)
    assert done.returncode == 0
