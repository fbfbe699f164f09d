"""Set up a laboratory: measure, see before and after, use, undo."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.access.accounts import Role
from core.analysis.in_use import in_use
from core.analysis.profiles import load_profile
from core.dataset.synthetic import render_cell
from core.records import audit
from core.records.store import Store
from core.settings import Settings
from core.training.adapt.laboratory import Change
from core.training.runs import process

PAGE = "pages/laboratory.py"
OpenPage = Callable[[str, Role], AppTest]


def cells(count: int, in_folders: bool = False) -> bytes:
    """A ZIP of so many drawn cells, in class folders or without any."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i in range(count):
            key = ("monocyte", "neutrophil", "lymphocyte")[i % 3]
            picture = io.BytesIO()
            pixels = render_cell(key, np.random.default_rng(i), 120)
            Image.fromarray(pixels).save(picture, "PNG")
            archive.writestr(f"{key}/{i}.png" if in_folders else f"{i}.png", picture.getvalue())
    return out.getvalue()


@pytest.fixture
def page(open_page: OpenPage) -> AppTest:
    return open_page(PAGE, Role.SCIENTIST)


def measure(page: AppTest, count: int, name: str = "ward-3") -> None:
    page.file_uploader[0].upload("cells.zip", cells(count), "application/zip")
    page.text_input(key="laboratory_name").input(name)
    page.run(timeout=120)
    page.button(key="laboratory_measure").click().run(timeout=120)


def test_at_first_it_says_that_no_profile_is_in_use(page: AppTest) -> None:
    assert not page.exception
    assert "No laboratory profile is in use" in page.info[0].value
    assert page.button(key="laboratory_measure").disabled


def test_a_profile_is_measured_used_and_undone(
    page: AppTest, settings: Settings, store: Store
) -> None:
    measure(page, 54)
    assert not page.exception
    assert {m.label for m in page.metric} >= {"Cells measured", "Answers that change"}
    assert in_use(settings).profile is None

    page.button(key="laboratory_accept").click().run(timeout=60)
    assert in_use(settings).profile == "ward-3"
    assert load_profile("ward-3", settings).cells == 54
    assert "ward-3" in page.success[0].value

    page.button(key="laboratory_stop").click().run(timeout=60)
    assert in_use(settings).profile is None
    deeds = [(entry.actor, entry.action, entry.subject) for entry in audit.entries(store)]
    assert deeds[:2] == [
        ("scientist", "laboratory profile no longer used", "ward-3"),
        ("scientist", "laboratory profile used", "ward-3"),
    ]

    page.button(key="laboratory_use").click().run(timeout=60)
    assert in_use(settings).profile == "ward-3"


def test_too_few_cells_are_refused_in_words(page: AppTest) -> None:
    measure(page, 9)
    assert "at least 50" in page.error[0].value
    assert not page.metric


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Folders of jobs whose process seems to run, by its lock, until the test ends."""
    folders: list[Path] = []
    with ExitStack() as until_the_end:

        def spawn(_: object, folder: Path) -> int:
            until_the_end.enter_context(process.held(folder))
            folders.append(folder)
            return 0

        monkeypatch.setattr(process, "spawn", spawn)
        yield folders


def fit(page: AppTest) -> None:
    page.file_uploader[1].upload("labelled.zip", cells(6, in_folders=True), "application/zip")
    page.text_input(key="laboratory_bundle").input("fitted").run(timeout=60)
    page.button(key="laboratory_fit").click().run(timeout=60)


def test_fitting_is_watched_used_and_undone(
    page: AppTest, jobs: list[Path], settings: Settings, store: Store
) -> None:
    fit(page)
    assert not page.exception
    (job,) = jobs
    assert len(list(job.glob("cells/monocyte/*.png"))) == 2
    assert not page.metric

    change = Change(fitted=4, checked=2, before=0.5, after=1.0, home_before=0.99, home_after=0.99)
    done = {"share": 1.0, "text": "Done", "bundle": "fitted", "change": vars(change)}
    (job / "status.json").write_text(json.dumps(done))
    page.run(timeout=60)
    assert [(m.value, m.delta) for m in page.metric] == [
        ("100.0%", "+50.0 points"),
        ("99.0%", "+0.0 points"),
    ]
    page.button(key="laboratory_use_bundle").click().run(timeout=60)
    assert in_use(settings).bundle == "fitted"
    assert audit.entries(store)[0].action == "bundle put in use"
    page.button(key="laboratory_back").click().run(timeout=60)
    assert in_use(settings).bundle == settings.bundle


def test_cells_outside_class_folders_are_refused(page: AppTest, jobs: list[Path]) -> None:
    page.file_uploader[1].upload("loose.zip", cells(3), "application/zip")
    page.text_input(key="laboratory_bundle").input("fitted").run(timeout=60)
    page.button(key="laboratory_fit").click().run(timeout=60)
    assert "no classes" in page.error[0].value
    assert not jobs
