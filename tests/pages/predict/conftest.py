"""A bundle in force, the page of a clinician, and what stands on its sheet."""

import shutil
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.access.accounts import Account, Role
from core.records import sheets
from core.records.sheets import SheetReading
from core.records.store import Store
from core.settings import Settings
from core.settings import settings as current_settings
from core.vision.bundle import Bundle
from tests.pages.predict.steps import PAGE


@pytest.fixture
def in_force(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that name the bundle "tiny", which is not there yet."""
    monkeypatch.setenv("BLOODCELLS_BUNDLE", "tiny")
    current_settings.cache_clear()
    return current_settings()


@pytest.fixture
def bundle(in_force: Settings, untrained: Bundle) -> None:
    """The bundle in force: untrained, never sure enough."""
    shutil.copytree(untrained.folder, in_force.bundle_dirs[1] / untrained.name)


@pytest.fixture
def page(bundle: None, open_page: Callable[[str, Role], AppTest]) -> AppTest:
    """The page as a clinician opens it."""
    return open_page(PAGE, Role.CLINICIAN)


@pytest.fixture
def readings(store: Store, account: Callable[[Role], Account]) -> Callable[[], list[SheetReading]]:
    """Gives what stands on the clinician's open sheet, the first prediction first."""

    def on_sheet() -> list[SheetReading]:
        sheet = sheets.open_sheet(store, account(Role.CLINICIAN).id)
        return sheets.listed(store, sheet) if sheet else []

    return on_sheet
