"""The data set page in its states: synthetic, real, faulty, forbidden, being fetched."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.access.accounts import Role
from core.dataset import download, sources
from core.errors import DatasetError
from core.jobs import Queue, State
from core.morphology import ATTRIBUTES
from core.records.store import Store
from core.settings import settings as current_settings
from tests.factories import write_attributes

OpenPage = Callable[[str, Role], AppTest]


def write_cells(root: Path, per_class: int = 4) -> None:
    rng = np.random.default_rng(0)
    for folder, prefix in (("neutrophil", "BNE"), ("neutrophil", "SNE"), ("basophil", "BA")):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for n in range(per_class):
            small = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
            small.resize((64, 64)).save(root / folder / f"{prefix}_{n}.png")


@pytest.fixture
def data_dir(tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "cells"
    write_cells(root)
    monkeypatch.setenv("BLOODCELLS_DATA_DIR", str(root))
    current_settings.cache_clear()
    return root


@pytest.fixture
def only_synthetic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def draw(root: Path) -> None:
        write_cells(root)
        (root / sources.MARKER).touch()

    monkeypatch.setattr(sources, "_draw", draw)
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "kaggle"))


def open_section(open_page: OpenPage, section: str) -> AppTest:
    app = open_page("pages/dataset.py", Role.SCIENTIST)
    app.session_state["section"] = section
    return app.run()


def shown(app: AppTest) -> str:
    return "\n".join(e.value for kind in ("markdown", "caption", "text") for e in app.get(kind))


@pytest.mark.parametrize("role", list(Role))
def test_every_role_sees_source_counts_and_fingerprint(
    open_page: OpenPage, data_dir: Path, role: Role
) -> None:
    app = open_page("pages/dataset.py", role)
    assert not app.exception
    assert not app.error
    assert "**12**" in shown(app)
    assert "Own folder" in shown(app)
    assert "synthetic" not in " ".join(w.value for w in app.warning).lower()


@pytest.mark.parametrize(
    "section", ["Distribution", "Samples", "Properties", "Quality", "Augmentation", "Card"]
)
def test_each_section_draws(open_page: OpenPage, data_dir: Path, section: str) -> None:
    app = open_section(open_page, section)
    assert not app.exception
    assert not app.error


def test_what_training_for_other_laboratories_sees(open_page: OpenPage, data_dir: Path) -> None:
    app = open_section(open_page, "Augmentation")
    assert app.slider
    app.segmented_control(key="augmentation_for").set_value("External laboratories, too").run()
    assert not app.exception
    assert not app.error
    assert not app.slider
    assert "framed alike" in shown(app)


def test_samples_of_one_class_and_shuffle(open_page: OpenPage, data_dir: Path) -> None:
    app = open_section(open_page, "Samples")
    app.selectbox(key="class").select("basophil").run()
    names = {b.label for b in app.button if b.label.startswith(("BA", "BNE", "SNE"))}
    assert names == {"BA_0", "BA_1", "BA_2", "BA_3"}
    next(b for b in app.button if b.label == "Shuffle").click().run()
    assert not app.exception


def test_a_click_opens_an_image_with_its_properties(open_page: OpenPage, data_dir: Path) -> None:
    app = open_section(open_page, "Samples")
    next(b for b in app.button if b.label == "BNE_2").click().run()
    assert not app.exception
    values = app.dataframe[0].value.set_index("Property")["Value"]
    assert values["File"] == "neutrophil/BNE_2.png"
    assert values["Subtype"] == "Band neutrophil"


def test_problems_are_listed_with_their_reason(open_page: OpenPage, data_dir: Path) -> None:
    (data_dir / "basophil" / "words.jpg").write_bytes(b"Bud1")
    (data_dir / "monocyte").mkdir()
    app = open_section(open_page, "Quality")
    listed = app.dataframe[0].value.set_index("File")["Reason"]
    assert "not an image" in listed["basophil/words.jpg"]
    assert "no file" in listed["monocyte"]


def test_contrary_labels_are_pointed_out(open_page: OpenPage, data_dir: Path) -> None:
    shutil.copy(data_dir / "basophil/BA_0.png", data_dir / "neutrophil/BNE_9.png")
    assert "Contrary labels: 1" in shown(open_section(open_page, "Quality"))


def test_the_card_is_shown_and_offered(open_page: OpenPage, data_dir: Path) -> None:
    (data_dir / "basophil" / "notes<b>.txt").write_text("no image")
    app = open_section(open_page, "Card")
    text = shown(app)
    assert "### Data set: `cells`" in text and "Unknown provenance" in text
    assert "`basophil/notes<b>.txt`" in text
    assert [button.label for button in app.get("download_button")] == ["Card (Markdown)"]


def test_the_card_counts_attributes_that_lie_near(open_page: OpenPage, data_dir: Path) -> None:
    values = {one.key: next(iter(one.words)) for one in ATTRIBUTES}
    file = write_attributes(data_dir.parent / "wbcatt" / "own.csv", {"BA_0.png": values})
    assert "1 of the 12 cells have them: basophil 1." in shown(open_section(open_page, "Card"))
    file.write_text(file.read_text().replace(",no,", ",maybe,"))
    app = open_section(open_page, "Card")
    assert "maybe" in app.warning[0].value
    assert "Data set: `cells`" in shown(app)


def test_look_for_changes_reads_new_files(open_page: OpenPage, data_dir: Path) -> None:
    app = open_page("pages/dataset.py", Role.SCIENTIST)
    shutil.copy(data_dir / "basophil/BA_0.png", data_dir / "basophil/BA_9.png")
    next(b for b in app.button if b.label == "Look for changes").click().run()
    assert "**13**" in shown(app)


def test_a_file_that_is_gone_is_said_not_fatal(open_page: OpenPage, data_dir: Path) -> None:
    app = open_section(open_page, "Samples")
    (data_dir / "basophil/BA_0.png").unlink()
    app.run()
    assert not app.exception
    assert "gone or changed" in shown(app)


def test_an_unusable_folder_is_an_error_that_says_what_to_do(
    open_page: OpenPage, data_dir: Path
) -> None:
    shutil.rmtree(data_dir)
    app = open_page("pages/dataset.py", Role.SCIENTIST)
    assert not app.exception
    assert "BLOODCELLS_DATA_DIR" in app.error[0].value


def test_synthetic_cells_are_marked(open_page: OpenPage, only_synthetic: None) -> None:
    app = open_page("pages/dataset.py", Role.CLINICIAN)
    assert "drawn, not photographed" in app.warning[0].value
    assert "switched off" in shown(app)  # the tests forbid downloads


@pytest.fixture
def allowed(settings: object, only_synthetic: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Downloads are not switched off."""
    monkeypatch.setenv("BLOODCELLS_DOWNLOAD", "true")
    current_settings.cache_clear()


@pytest.mark.usefixtures("allowed", "jobs_run")
def test_the_data_set_can_be_fetched(open_page: OpenPage, store: Store) -> None:
    app = open_page("pages/dataset.py", Role.SCIENTIST)
    next(b for b in app.button if b.label == "Get the data set").click().run()
    assert not app.exception
    job = Queue(store, current_settings()).latest("download")
    assert job and (job.state, job.by) == (State.RUNNING, "scientist")
    again = open_page("pages/dataset.py", Role.ADMIN)
    assert again.get("progress")
    assert "Get the data set" not in [button.label for button in again.button]


@pytest.mark.usefixtures("allowed", "jobs_at_once")
def test_a_failed_download_says_why(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise DatasetError("Kaggle cannot be reached.")

    monkeypatch.setattr(download, "fetch", fail)
    app = open_page("pages/dataset.py", Role.SCIENTIST)
    next(b for b in app.button if b.label == "Get the data set").click().run()
    assert app.error[0].value == "Kaggle cannot be reached."
    assert "**12**" in shown(app)  # and the synthetic cells are there meanwhile
