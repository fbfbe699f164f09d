"""Set up a laboratory: measure, see before and after, use, undo."""

import io
import shutil
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.access import accounts
from core.access.accounts import Role
from core.analysis import sampling
from core.analysis.deployments import current
from core.analysis.profiles import load_profile
from core.dataset.synthetic import render_cell
from core.jobs import Job, Queue, State, steps
from core.records import audit
from core.records.store import Store
from core.settings import Settings
from core.training.adapt import job as adaptation
from core.training.adapt.change import Change
from core.vision.bundle import Bundle, load_bundle, write_card

PAGE = "pages/laboratory.py"
OpenPage = Callable[[str, Role], AppTest]


def cells(count: int, in_folders: bool = False) -> bytes:
    """A ZIP of so many drawn cells, in class folders or without any."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i in range(count):
            key = ("monocyte", "neutrophil", "lymphocyte")[i % 3]
            image = io.BytesIO()
            pixels = render_cell(key, np.random.default_rng(i), 120)
            Image.fromarray(pixels).save(image, "PNG")
            archive.writestr(f"{key}/{i}.png" if in_folders else f"{i}.png", image.getvalue())
    return out.getvalue()


@pytest.fixture
def page(open_page: OpenPage) -> AppTest:
    return open_page(PAGE, Role.SCIENTIST)


def strip() -> bytes:
    """An image that no network can take."""
    out = io.BytesIO()
    Image.new("RGB", (16, 20_000), "white").save(out, "PNG")
    return out.getvalue()


def measure(page: AppTest, count: int, name: str = "ward-3") -> None:
    page.file_uploader[0].upload("cells.zip", cells(count), "application/zip")
    page.file_uploader[0].upload("strip.png", strip(), "image/png")
    page.text_input(key="laboratory_name").input(name)
    page.run(timeout=120)
    page.button(key="laboratory_measure").click().run(timeout=120)


def test_at_first_it_says_that_no_profile_is_in_use(page: AppTest) -> None:
    assert not page.exception
    assert "No laboratory profile is in use" in page.info[0].value
    assert page.button(key="laboratory_measure").disabled


@pytest.mark.usefixtures("jobs_at_once")
def test_a_profile_is_measured_used_and_undone(
    page: AppTest, settings: Settings, store: Store, queue: Queue, open_page: OpenPage
) -> None:
    measure(page, 54)
    assert not page.exception
    (job_id,) = queue.folders.found()
    kept = [path.name for path in queue.folders.of(job_id).iterdir()]
    assert sorted(kept) == ["came", "seen"]  # the uploads are gone
    page = open_page(PAGE, Role.SCIENTIST)  # as after a reload
    assert {m.label for m in page.metric} >= {"Cells measured", "Predictions that change"}
    assert current(store, settings).profile is None

    page.button(key="laboratory_accept").click().run(timeout=60)
    assert current(store, settings).profile == "ward-3"
    assert not queue.folders.found()
    assert load_profile("ward-3", settings).cells == 54
    assert "ward-3" in page.success[0].value

    page.button(key="laboratory_stop").click().run(timeout=60)
    assert current(store, settings).profile is None
    deeds = [(entry.actor, entry.action, entry.subject) for entry in audit.entries(store)]
    assert deeds[:2] == [
        ("scientist", "laboratory_profile_no_longer_used", "ward-3"),
        ("scientist", "laboratory_profile_used", "ward-3"),
    ]

    page.button(key="laboratory_use").click().run(timeout=60)
    assert current(store, settings).profile == "ward-3"


@pytest.mark.usefixtures("jobs_at_once")
def test_too_few_cells_are_refused_in_words(page: AppTest, queue: Queue) -> None:
    measure(page, 9)
    assert "at least 50" in page.error[0].value
    assert not page.metric
    assert not queue.folders.found()


@pytest.fixture
def queue(store: Store, settings: Settings) -> Queue:
    return Queue(store, settings)


def end(queue: Queue, job: Job, state: State, message: str = "", **outcome: object) -> None:
    """Ends a job as its process would."""
    with queue.store.write() as session:
        steps.end(steps.row_of(session, job.id), state, message, outcome=outcome or None)


def fit(page: AppTest) -> None:
    page.file_uploader[1].upload("labelled.zip", cells(6, in_folders=True), "application/zip")
    page.text_input(key="laboratory_bundle").input("fitted").run(timeout=60)
    page.button(key="laboratory_fit").click().run(timeout=60)


@pytest.mark.usefixtures("jobs_run")
def test_fitting_is_watched_and_used_by_an_admin(
    open_page: OpenPage, queue: Queue, settings: Settings, store: Store, untrained: Bundle
) -> None:
    page = open_page(PAGE, Role.ADMIN)
    fit(page)
    assert not page.exception
    job = queue.latest(adaptation.KIND)
    assert job and job.by == "admin"
    assert len(list(queue.folders.of(job.id).glob("cells/monocyte/*.png"))) == 2
    assert page.get("progress") and not page.metric

    there = {"fitted": 20, "checked": 10, "before": 0.4, "after": 1.0, "better": 6, "worse": 0}
    change = Change(**there, home_before=0.99, home_after=0.99)
    end(queue, job, State.FINISHED, bundle="fitted", change=vars(change))
    page.run(timeout=60)
    assert not queue.folders.found()
    assert [(m.value, m.delta) for m in page.metric] == [
        ("100.0%", "+60.0 points"),
        ("99.0%", "+0.0 points"),
    ]
    assert any("better on 6, worse on 0 of 10" in one.value for one in page.caption)
    folder = settings.bundle_dirs[1] / "fitted"
    shutil.copytree(untrained.folder, folder)
    write_card(folder, load_bundle(folder).card.model_copy(update={"name": "fitted"}))
    page.button(key="laboratory_use_bundle").click().run(timeout=60)
    assert current(store, settings).bundle == "fitted"
    assert audit.entries(store)[0].action == "model_put_into_use"
    page.button(key="laboratory_again").click().run(timeout=60)
    assert not page.metric


@pytest.mark.usefixtures("jobs_run")
def test_what_cannot_be_unpacked_is_noted_and_the_rest_is_fitted_to(
    page: AppTest, queue: Queue
) -> None:
    data = io.BytesIO(cells(6, in_folders=True))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("monocyte/more.zip", cells(1))
    page.file_uploader[1].upload("labelled.zip", data.getvalue(), "application/zip")
    page.text_input(key="laboratory_bundle").input("fitted").run(timeout=60)
    page.button(key="laboratory_fit").click().run(timeout=60)
    job = queue.latest(adaptation.KIND)
    assert job
    assert job.request["unread"] == ["monocyte/more.zip"]
    assert len(job.request["names"]) == 6


@pytest.mark.usefixtures("jobs_run")
def test_another_session_finds_the_job_and_stops_it(
    page: AppTest, queue: Queue, open_page: OpenPage
) -> None:
    fit(page)
    other = open_page(PAGE, Role.ADMIN)
    assert other.get("progress")
    assert any("Asked for by scientist" in caption.value for caption in other.caption)
    next(button for button in other.button if button.label == "Stop").click().run(timeout=60)
    job = queue.latest(adaptation.KIND)
    assert job and job.is_stopping
    end(queue, job, State.STOPPED, "Stopped on request.")
    assert not page.run(timeout=60).get("progress")
    assert page.button(key="laboratory_fit")


@pytest.mark.usefixtures("jobs_run")
def test_a_failure_is_told_until_it_is_put_away(
    page: AppTest, queue: Queue, open_page: OpenPage
) -> None:
    fit(page)
    job = queue.latest(adaptation.KIND)
    assert job
    end(queue, job, State.FAILED, "Too few cells. Add more.")
    assert open_page(PAGE, Role.ADMIN).error[0].value == "Too few cells. Add more."
    page.run(timeout=60)
    next(button for button in page.button if button.label == "Put away").click().run(timeout=60)
    assert not page.error


@pytest.mark.usefixtures("jobs_at_once")
def test_cells_outside_class_folders_are_refused(page: AppTest, queue: Queue) -> None:
    page.file_uploader[1].upload("loose.zip", cells(3), "application/zip")
    page.text_input(key="laboratory_bundle").input("fitted").run(timeout=60)
    page.button(key="laboratory_fit").click().run(timeout=60)
    assert "no classes" in page.error[0].value
    assert queue.latest(adaptation.KIND) is None


def test_a_name_that_cannot_be_is_refused_before_anything_is_read(
    page: AppTest, store: Store, queue: Queue
) -> None:
    measure(page, 3, "ward 3")
    assert not page.exception
    assert page.error
    assert queue.latest("profile") is None
    assert "laboratory_profile_making_requested" not in audit.actions(store)


@pytest.mark.usefixtures("jobs_at_once")
def test_of_many_images_some_are_measured(
    page: AppTest, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "MOST_IMAGES", 52)
    measure(page, 54)
    job = queue.latest("profile")
    assert job and job.outcome
    assert job.outcome["images"] == 52


@pytest.mark.usefixtures("jobs_at_once")
def test_a_profiles_name_is_for_good(page: AppTest, settings: Settings) -> None:
    measure(page, 54)
    page.button(key="laboratory_accept").click().run(timeout=60)
    kept = load_profile("ward-3", settings)
    measure(page, 54)
    assert not page.exception
    assert page.error
    assert load_profile("ward-3", settings) == kept


@pytest.mark.usefixtures("jobs_at_once")
def test_a_click_of_a_disabled_account_leaves_everybodys_profile_alone(
    page: AppTest, settings: Settings, store: Store
) -> None:
    measure(page, 54)
    page.button(key="laboratory_accept").click().run(timeout=60)
    assert current(store, settings).profile == "ward-3"
    accounts.disable(store, "scientist")
    page.button(key="laboratory_stop").click().run(timeout=60)
    assert not page.exception
    assert current(store, settings).profile == "ward-3"
