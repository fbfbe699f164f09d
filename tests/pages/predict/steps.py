"""What tests of the page do on it, and read off it."""

import re
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from core.records.sheets import SheetReading
from core.records.store import Store
from core.records.tables import ReadingRow
from pages.components.predict.inbox import KEY, Inbox
from pages.components.predict.sheet import OnSheet
from tests.core.analysis.images import cell, encoded

PAGE = "pages/predict.py"


def png(number: int = 0) -> bytes:
    """A cell; each number gives another."""
    return encoded(cell(80 + 6 * number, 90))


def drop(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Drops files of these names on the page."""
    for name, data in files:
        page.file_uploader[0].upload(name, data, "application/octet-stream")
    return page.run()


def box(page: AppTest) -> Inbox:
    """What the page holds of files that were dropped."""
    assert not page.exception
    found: Inbox = page.session_state[KEY]
    return found


def by_doubt(readings: Callable[[], list[SheetReading]]) -> list[SheetReading]:
    """The same, the most doubtful first."""
    return OnSheet(tuple(readings())).by_doubt


def change(store: Store, reading_id: int, **values: Any) -> None:
    """Makes a logged prediction say something else."""
    with store.write() as session:
        for name, value in values.items():
            setattr(session.get_one(ReadingRow, reading_id), name, value)


def chosen(page: AppTest) -> str:
    """The name of the image that is shown large."""
    assert not page.exception
    line = next(c.value for c in page.caption if " ms, model " in c.value)
    return line.partition(",")[0]


def counts(page: AppTest) -> dict[str, int]:
    """What the strip above the predictions counts, by the names that it shows."""
    strip = next(m.value for m in page.markdown if "to review" in m.value)
    return {name: int(n) for name, n in re.findall(r"</span> ([^<]+?) (\d+)</span>", strip)}


def button(page: AppTest, key: str) -> Button:
    """The button of that key."""
    return next(b for b in page.button if b.key == key)
