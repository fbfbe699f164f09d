"""Names that others chose are shown as they are on every page: no image, link or HTML of theirs."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.access import accounts
from core.access.accounts import Account, Role
from core.analysis.profile_job import KIND
from core.evaluation.results import EvaluationResult
from core.jobs import Queue, State, steps
from core.prediction import CellRef
from core.records.images import ImageStore
from core.records.readings import NewReading
from core.records.store import Store
from core.settings import Settings
from core.settings import settings as current_settings
from core.vision.bundle import Bundle, write_card
from pages.components.shared.words import plain
from pages.components.shell.screens import SCREENS
from tests.core.analysis.images import cell, encoded
from tests.factories import make_prediction
from tests.pages.markup import FILE, NAME, STRANGER, acting, acts

OpenPage = Callable[[str, Role], AppTest]
GetAccount = Callable[[Role], Account]


@pytest.mark.parametrize("name", [NAME, FILE, "see http://evil.example", "a_b", "_a_"])
def test_words_are_shown_as_they_are(name: str) -> None:
    assert not acts(plain(name))
    if "evil" in name:
        assert acts(name)
    assert plain("SNE_1.jpg, 3 (of 4)") == "SNE_1.jpg, 3 (of 4)"


@pytest.fixture
def hostile_model(bundle: Bundle, state: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A model in use whose folder, and so its name, somebody chose with care; another is broken."""
    folder = state / "models" / FILE
    shutil.copytree(bundle.folder, folder)
    write_card(folder, bundle.card.model_copy(update={"name": FILE}))
    broken = state / "models" / f"broken {FILE}"
    shutil.copytree(bundle.folder, broken)
    (broken / "weights.pth").write_bytes(b"none")
    monkeypatch.setenv("BLOODCELLS_BUNDLE", FILE)
    current_settings.cache_clear()
    return current_settings()


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.url_path)
def test_a_model_and_a_person(
    open_page: OpenPage, hostile_model: Settings, store: Store, screen: object
) -> None:
    accounts.create(store, "admin", NAME, Role.ADMIN, "correct horse battery")
    assert not acting(open_page(screen.file, Role.ADMIN))  # type: ignore[attr-defined]


def test_the_models_page_names_what_is_broken(open_page: OpenPage, hostile_model: Settings) -> None:
    app = open_page("pages/models.py", Role.ADMIN)
    assert any("weights" in error.value for error in app.error)
    assert not acting(app)


@pytest.fixture
def predict_page(bundle: Bundle, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage) -> AppTest:
    monkeypatch.setenv("BLOODCELLS_BUNDLE", "tiny")
    current_settings.cache_clear()
    return open_page("pages/predict.py", Role.CLINICIAN)


def test_predict_shows_images_and_what_it_refused(predict_page: AppTest) -> None:
    predict_page.file_uploader[0].upload(NAME, encoded(cell()), "image/png")
    predict_page.file_uploader[0].upload(f"broken {NAME}", b"no image", "image/png")
    predict_page.run()
    assert predict_page.table and any(" ms, model " in c.value for c in predict_page.caption)
    assert not acting(predict_page)


def test_a_reading_of_the_history(
    open_page: OpenPage, store: Store, settings: Settings, account: GetAccount
) -> None:
    (settings.state_dir / "bloodcells_dataset" / "neutrophil").mkdir(parents=True)
    said = make_prediction(cell=CellRef("ab" * 32, NAME), bundle=NAME, profile=NAME, reason=NAME)
    images = ImageStore.from_settings(settings)
    store.log([NewReading(said, account(Role.ADMIN).id)], images=images)
    app = open_page("Home.py", Role.ADMIN).switch_page("pages/history.py")
    app.query_params.update({"view": "Readings"})
    app.run()
    app.session_state["readings [1]"] = {"selection": {"rows": [0]}}
    app.run()
    assert any(" ms, model " in caption.value for caption in app.caption)
    assert not acting(app)


@pytest.fixture
def data_dir(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Cells in a folder and in files of such names, some twice."""
    root, rng = tmp_path / FILE, np.random.default_rng(0)
    for number in range(6):
        small = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)).resize((64, 64))
        for folder, name in (("neutrophil", ""), ("basophil", "again ")):
            (root / folder).mkdir(parents=True, exist_ok=True)
            small.save(root / folder / f"{name}{number} {FILE}.png")
    (root / "basophil" / f"broken {FILE}.png").write_bytes(b"none")
    monkeypatch.setenv("BLOODCELLS_DATA_DIR", str(root))
    current_settings.cache_clear()
    return root


@pytest.mark.parametrize("section", ["Distribution", "Samples", "Properties", "Quality"])
def test_files_of_the_data_set(open_page: OpenPage, data_dir: Path, section: str) -> None:
    app = open_page("pages/dataset.py", Role.SCIENTIST)
    app.session_state["section"] = section
    app.run()
    if section == "Samples":
        assert any(STRANGER in button.label for button in app.button)
    assert not acting(app)


def test_a_file_of_the_data_set_that_has_gone(open_page: OpenPage, data_dir: Path) -> None:
    app = open_page("pages/dataset.py", Role.SCIENTIST)
    app.session_state["section"] = "Augmentation"
    for file in data_dir.glob("*/*"):
        file.unlink()
    app.run()
    assert app.error and not acting(app)


def test_the_data_folder_on_the_training_page(open_page: OpenPage, data_dir: Path) -> None:
    app = open_page("pages/training.py", Role.SCIENTIST)
    assert any(STRANGER in caption.value for caption in app.caption)
    assert not acting(app)


@pytest.mark.usefixtures("jobs_at_once")
def test_images_behind_a_figure_that_have_gone(
    open_page: OpenPage,
    bundle: Bundle,
    state: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = tmp_path / "named"
    shutil.copytree(current_settings().data_dir or "", root)
    for file in list(root.glob("*/*")):
        file.rename(file.with_name(f"{file.stem} {FILE}.png"))
    monkeypatch.setenv("BLOODCELLS_DATA_DIR", str(root))
    current_settings.cache_clear()
    app = open_page("pages/evaluation.py", Role.SCIENTIST)
    next(button for button in app.button if button.label == "Evaluate now").click().run()
    assert EvaluationResult.load(state / "evaluations" / "tiny" / "test.npz")
    for file in root.glob("*/*"):
        file.unlink()
    app.run()
    assert any("no longer there" in caption.value for caption in app.caption)
    assert not acting(app)


@pytest.mark.usefixtures("jobs_run")
def test_what_work_that_failed_says(
    open_page: OpenPage, bundle: Bundle, store: Store, settings: Settings
) -> None:
    queue = Queue(store, settings)
    job = queue.submit(KIND, NAME, {}, by=None)
    with store.write() as session:
        steps.end(steps.row_of(session, job.id), State.FAILED, f"Nothing in {NAME}")
    app = open_page("pages/laboratory.py", Role.SCIENTIST)
    assert app.error and not acting(app)


def test_a_person_who_is_added(open_page: OpenPage, store: Store) -> None:
    app = open_page("pages/people.py", Role.ADMIN)
    app.session_state["people_notice"] = "me@evil.example is added as clinician."
    app.run()
    assert app.success and not acting(app)
