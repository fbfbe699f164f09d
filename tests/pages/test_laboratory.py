"""Set up a laboratory: measure, see before and after, use, undo."""

import io
import zipfile
from collections.abc import Callable

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

PAGE = "pages/laboratory.py"
OpenPage = Callable[[str, Role], AppTest]


def cells(count: int) -> bytes:
    """A ZIP of so many drawn cells."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i in range(count):
            key = ("monocyte", "neutrophil", "lymphocyte")[i % 3]
            picture = io.BytesIO()
            pixels = render_cell(key, np.random.default_rng(i), 120)
            Image.fromarray(pixels).save(picture, "PNG")
            archive.writestr(f"{i}.png", picture.getvalue())
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
