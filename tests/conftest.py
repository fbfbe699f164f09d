"""What every test may ask for: settings, a database, accounts, pages as a role, the log."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import logs
from core.access import accounts, passwords, sessions
from core.access.accounts import Account, Role
from core.jobs import Job, Lease, Queue, process, worker
from core.records import schema
from core.records.store import Store
from core.settings import Settings
from core.settings import settings as current_settings
from pages.components.shell import cookie

ROOT = Path(__file__).parents[1]
PASSWORD = "correct horse battery"
Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The settings of this test alone: state in tmp_path, no data folder, no downloads."""
    for name in [n for n in os.environ if n.startswith("BLOODCELLS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BLOODCELLS_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("BLOODCELLS_DOWNLOAD", "false")
    monkeypatch.setattr(passwords, "ROUNDS", 4)  # a hash in a millisecond
    _forget()
    yield current_settings()
    _forget()


def _forget() -> None:
    current_settings.cache_clear()
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(autouse=True)
def browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page's browser holds the cookie of its session, as a real one does."""
    monkeypatch.setattr(cookie, "read", lambda: st.session_state.get("session_token"))


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """An empty database of the newest schema."""
    schema.migrate(settings.database)
    opened = Store(settings.database)
    yield opened
    opened.close()


@pytest.fixture
def account(store: Store) -> Callable[[Role], Account]:
    """Gives the account of a role (its user name is the role), made when first asked for."""

    def of_role(role: Role) -> Account:
        found = accounts.find_by_username(store, role)
        return found or accounts.create(store, role, role.capitalize(), role, PASSWORD)

    return of_role


@pytest.fixture
def jobs_at_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are done in the test's process, to their end, as soon as they are begun."""

    def start(job: Job, _: Path) -> Lease:
        opened = Store(settings.database)
        worker.work(Queue(opened, current_settings()), job.id)
        opened.close()
        return process.own_lease()

    monkeypatch.setattr(process, "start", start)


@pytest.fixture
def jobs_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that are begun seem to run, for ever."""
    monkeypatch.setattr(process, "start", lambda *_: process.own_lease())


@pytest.fixture
def open_page(
    settings: Settings, account: Callable[[Role], Account]
) -> Callable[[str, Role], AppTest]:
    """Opens a page through ``Home.py`` as somebody of that role, and runs it."""

    def opened(path: str, role: Role) -> AppTest:
        app = AppTest.from_file(ROOT / "Home.py", default_timeout=60)
        app.session_state["session_token"] = sessions.issue(account(role), settings)
        app.run()
        return app if path == "Home.py" else app.switch_page(path).run()

    return opened


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Logged]:
    """Gives all lines on standard error so far; each must be one of the log's."""
    root, lines = logging.getLogger(), list[dict[str, Any]]()
    before = list(root.handlers)
    logs.set_up("info", "json")
    logs.begin()

    def so_far() -> list[dict[str, Any]]:
        lines.extend(map(json.loads, capsys.readouterr().err.splitlines()))
        return lines

    yield so_far
    logs.begin()
    root.handlers[:] = before


@pytest.fixture(scope="session")
def real_root() -> Path:
    """The folder of all real test data; skips where this machine has none."""
    root = Path(os.environ.get("BLOODCELLS_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not root.is_dir():
        pytest.skip(f"No real images in {root}; set BLOODCELLS_TEST_DATA to their folder.")
    return root


@pytest.fixture(scope="session")
def real_data(real_root: Path) -> Path:
    """The PBC cells among them: a folder of class folders."""
    return real_root / "pbc" / "bloodcells_dataset"
