"""The history page: what each role sees, filters from the address bar, an opened reading."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.access import labels
from core.access.accounts import Account, Role
from core.morphology import Observed
from core.prediction import CellRef, Prediction, ReferenceCell, Status
from core.records.images import ImageStore
from core.records.readings import NewReading
from core.records.store import Store
from core.records.tables import ReadingRow
from core.settings import Settings
from tests.core.records.test_images import new
from tests.factories import make_prediction

OpenPage = Callable[[str, Role], AppTest]
GetAccount = Callable[[Role], Account]
PAGE = "pages/history.py"


@pytest.fixture(autouse=True)
def images(settings: Settings) -> None:
    """A data set at hand, or the scientist's front page would draw the synthetic one first."""
    (settings.state_dir / "bloodcells_dataset" / "neutrophil").mkdir(parents=True)


SURE = Prediction(
    cell=CellRef("ab", "=cell.jpg"),
    label="neutrophil",
    confidence=0.9,
    probabilities={"neutrophil": 0.9},
    attributes={"granule_colour": Observed("pink", 0.8)},
    reference_cells=(
        ReferenceCell("neutrophil", "SNE_1.jpg", "PBC: cells", 0.9, "train/neutrophil/1-SNE_1.jpg"),
    ),
    prediction_set=None,
    status=Status.CONFIDENT,
    reason="Sure.",
    bundle="b",
    bundle_hash=None,
    profile=None,
    profile_hash=None,
    milliseconds=3.0,
)
UNSURE = replace(
    SURE,
    cell=CellRef("cd", "two.jpg"),
    label="ig",
    confidence=0.5,
    probabilities={"ig": 0.5},
    attributes={},
    reference_cells=(),
    prediction_set=("ig",),
    status=Status.REVIEW,
    reason="Not sure.",
    milliseconds=5.0,
)


@pytest.fixture
def readings(store: Store, account: GetAccount) -> list[int]:
    """Two readings of the clinician, one corrected, and an old one of the admin."""
    clinician, admin = account(Role.CLINICIAN).id, account(Role.ADMIN).id
    ids = store.log(
        [
            NewReading(SURE, clinician),
            NewReading(UNSURE, clinician),
            NewReading(SURE, admin),
        ]
    )
    labels.give(store, account(Role.ADMIN), ids[1], "monocyte")
    with store.write() as session:
        session.get_one(ReadingRow, ids[2]).created_at = datetime.now(UTC) - timedelta(days=80)
    return ids


def tiles(app: AppTest) -> dict[str, str]:
    return {tile.label: tile.value for tile in app.metric}


def by_link(open_page: OpenPage, role: Role, **params: str) -> AppTest:
    """The page as somebody finds it who opens it by a link with these parameters."""
    app = open_page("Home.py", role).switch_page(PAGE)
    app.query_params.update(params)
    return app.run()


@pytest.mark.parametrize("role", list(Role))
def test_an_empty_history_says_what_to_do_next(open_page: OpenPage, role: Role) -> None:
    app = open_page(PAGE, role)
    assert not app.exception
    assert "Nothing has been read yet" in app.info[0].value


def test_a_clinician_sees_his_own(open_page: OpenPage, readings: list[int]) -> None:
    app = open_page(PAGE, Role.CLINICIAN)
    assert not app.exception
    assert tiles(app) == {
        "Readings": "2",
        "Need review": "50.0%",
        "Corrected": "50.0%",
        "Median time": "4.0 ms",
    }
    assert "Person" not in [box.label for box in app.selectbox]


def test_others_see_nothing_of_him(open_page: OpenPage, readings: list[int]) -> None:
    app = by_link(open_page, Role.SCIENTIST, view="Readings", time="All time")
    assert tiles(app)["Readings"] == "3"
    (table,) = app.dataframe
    assert "Person" not in table.value.columns
    assert "clinician" not in table.value.to_string()
    assert "Person" not in [box.label for box in app.selectbox]


def test_an_admin_narrows_by_person(open_page: OpenPage, readings: list[int]) -> None:
    app = by_link(open_page, Role.ADMIN, view="Readings", time="All time", person="admin")
    (table,) = app.dataframe
    assert list(table.value["Person"]) == ["admin"]


def test_figures_by_person_are_for_admins(open_page: OpenPage, readings: list[int]) -> None:
    assert "By person" in [head.value for head in open_page(PAGE, Role.ADMIN).subheader]
    assert "By person" not in [head.value for head in open_page(PAGE, Role.SCIENTIST).subheader]


def test_the_address_bar_holds_the_filters(open_page: OpenPage, readings: list[int]) -> None:
    app = by_link(open_page, Role.ADMIN, verdict="Corrected", status="Review")
    assert tiles(app)["Readings"] == "1"
    app.multiselect[0].select("neutrophil").run()
    assert "No reading fits these filters" in app.info[0].value


def test_what_is_referred_can_be_found_and_counts_as_in_need_of_review(
    open_page: OpenPage, readings: list[int], store: Store, account: GetAccount
) -> None:
    blast = replace(SURE, cell=CellRef("ef", "blast.jpg"), status=Status.REFERRED)
    store.log([NewReading(blast, account(Role.ADMIN).id)])
    app = by_link(open_page, Role.ADMIN, view="Readings", status="Referred")
    assert tiles(app)["Need review"] == "100.0%"
    assert list(app.dataframe[0].value["Image"]) == ["blast.jpg"]
    assert list(app.dataframe[0].value["Status"]) == ["Referred"]


def test_dates_narrow_to_days(open_page: OpenPage, readings: list[int]) -> None:
    app = by_link(open_page, Role.ADMIN, time="Dates")
    assert tiles(app)["Readings"] == "2"
    day = datetime.now(UTC).date() - timedelta(days=80)
    app.date_input[0].set_value((day, day)).run()
    assert tiles(app)["Readings"] == "1"


def test_a_row_opens_the_reading_as_it_was_shown(open_page: OpenPage, readings: list[int]) -> None:
    app = by_link(open_page, Role.ADMIN, view="Readings")
    newest = [readings[1], readings[0]]
    app.session_state[f"readings {newest}"] = {"selection": {"rows": [0], "columns": []}}
    app.run()
    assert not app.exception
    texts = [text.value for text in app.text]
    assert "Not sure." in [caption.value for caption in app.caption]
    assert "The image is not kept." in [caption.value for caption in app.caption]
    assert any("by admin" in text for text in texts)
    assert any("SHA-256: cd" in text for text in texts)


def open_first(open_page: OpenPage, role: Role, ids: list[int]) -> AppTest:
    """The page with the newest of these readings opened."""
    app = by_link(open_page, role, view="Readings")
    app.session_state[f"readings {ids}"] = {"selection": {"rows": [0], "columns": []}}
    return app.run()


def test_a_reading_is_judged_from_the_history(
    open_page: OpenPage, readings: list[int], store: Store
) -> None:
    app = open_first(open_page, Role.CLINICIAN, [readings[1], readings[0]])
    assert any("admin says:" in one.value for one in app.markdown)
    app.button(key="verdict_confirm").click().run()
    assert store.reading(readings[1]).person_label == "ig"
    assert any("You confirmed it." in one.value for one in app.markdown)
    app.button(key="verdict_is_platelet").click().run()
    assert store.reading(readings[1]).person_label == "platelet"
    app.button(key="verdict_undo").click().run()
    app.button(key="verdict_undo").click().run()
    assert store.reading(readings[1]).person_label == "monocyte"


@pytest.fixture
def kept(store: Store, settings: Settings, account: GetAccount) -> int:
    """A reading of the clinician whose image is kept."""
    image = new()
    said = make_prediction(cell=CellRef(image.sha256, "a.png"))
    reading = NewReading(said, account(Role.CLINICIAN).id, image=image, thumbnail=image.data)
    return store.log([reading], images=ImageStore.from_settings(settings))[0]


def test_an_admin_deletes_an_image_and_the_reading_says_so(
    open_page: OpenPage, kept: int, store: Store, settings: Settings
) -> None:
    app = open_first(open_page, Role.ADMIN, [kept])
    assert not app.exception
    assert len(app.image) == 1
    assert app.button(key="reading_heat")
    app.button(key="history_delete_image").click().run()
    assert not app.exception
    assert not app.image
    assert any(c.value.startswith("The image was deleted on") for c in app.caption)
    assert "history_delete_image" not in [button.key for button in app.button]
    assert [file for file in settings.images_dir.rglob("*") if file.is_file()] == []
    assert tiles(app)["Readings"] == "1"


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.SCIENTIST])
def test_nobody_else_is_offered_to(open_page: OpenPage, kept: int, role: Role) -> None:
    app = open_first(open_page, role, [kept])
    assert not app.exception
    assert len(app.image) == 1
    assert "history_delete_image" not in [button.key for button in app.button]


def test_the_export_says_how_many_rows(open_page: OpenPage, readings: list[int]) -> None:
    app = by_link(open_page, Role.ADMIN, view="Readings", status="Confident")
    assert app.get("download_button")[0].proto.label == "Export 1 readings as CSV"
    assert list(app.dataframe[0].value["Image"]) == ["'=cell.jpg"]
