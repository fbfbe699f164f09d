"""A page is open, its account is shut in the database, somebody clicks: nothing changes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.access import accounts, api_keys
from core.access.accounts import COMMAND_LINE, Account, Role
from core.analysis import profile_job
from core.dataset import download
from core.jobs import Queue
from core.records import audit
from core.records.store import Store
from core.settings import Settings
from core.settings import settings as current_settings
from core.training import runs
from core.training.config import TrainConfig
from core.training.runs import Status
from core.vision.bundle import Bundle

OpenPage = Callable[[str, Role], AppTest]
GetAccount = Callable[[Role], Account]


@pytest.fixture
def shut(store: Store) -> Callable[[Role], None]:
    """Disables the account of a role, as another admin would meanwhile."""
    accounts.create(store, "second", "", Role.ADMIN, "another one, long")
    return lambda role: accounts.disable(store, role)


def click(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run(timeout=60)
    assert not app.exception


def deeds(store: Store) -> set[str]:
    """All that the trail says but for accounts and sign-ins."""
    return {action for action in audit.actions(store) if "account" not in action}


def test_a_label(
    open_page: OpenPage,
    bundle: Bundle,
    store: Store,
    shut: Callable[[Role], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BLOODCELLS_BUNDLE", bundle.name)
    current_settings.cache_clear()
    app = open_page("pages/predict.py", Role.CLINICIAN)
    app.button(key="predict_examples").click().run(timeout=60)
    shown = store.reading(1)
    shut(Role.CLINICIAN)
    app.button(key="verdict_confirm").click().run(timeout=60)
    assert not app.exception
    assert store.reading(1) == shown
    assert deeds(store) == set()


@pytest.fixture
def queue(store: Store, settings: Settings) -> Queue:
    return Queue(store, settings)


@pytest.fixture
def run(queue: Queue, tmp_path: Path, jobs_run: None, monkeypatch: pytest.MonkeyPatch) -> runs.Run:
    """A run that seems to run."""
    (tmp_path / "cells" / "neutrophil").mkdir(parents=True)
    (tmp_path / "cells" / "neutrophil" / "1.jpg").write_bytes(b"")
    monkeypatch.setenv("BLOODCELLS_DATA_DIR", str(tmp_path / "cells"))
    current_settings.cache_clear()
    return runs.start(TrainConfig(data_dir=str(tmp_path / "cells")), queue, None)


@pytest.mark.parametrize("label", ["Start", "Stop"])
def test_a_run(
    open_page: OpenPage,
    run: runs.Run,
    queue: Queue,
    store: Store,
    shut: Callable[[Role], None],
    label: str,
) -> None:
    app = open_page("pages/training.py", Role.SCIENTIST)
    shut(Role.SCIENTIST)
    click(app, label)
    (only,) = runs.list_runs(queue)
    assert (only.status, only.is_stopping) == (Status.RUNNING, False)
    assert deeds(store) == set()


def test_a_job(
    open_page: OpenPage,
    queue: Queue,
    store: Store,
    account: GetAccount,
    shut: Callable[[Role], None],
    jobs_run: None,
) -> None:
    job = queue.submit(profile_job.KIND, "ward-3", {}, by=account(Role.SCIENTIST).id)
    app = open_page("pages/laboratory.py", Role.SCIENTIST)
    shut(Role.SCIENTIST)
    click(app, "Stop")
    assert not queue.get(job.id).is_stopping
    assert deeds(store) == set()


def test_people(open_page: OpenPage, store: Store, shut: Callable[[Role], None]) -> None:
    app = open_page("pages/people.py", Role.ADMIN)
    shut(Role.ADMIN)
    before = accounts.list_accounts(store)
    click(app, "Add a person")
    assert accounts.list_accounts(store) == before


def test_keys(
    open_page: OpenPage, store: Store, account: GetAccount, shut: Callable[[Role], None]
) -> None:
    api_keys.make(store, account(Role.ADMIN).username, "x", Role.CLINICIAN, COMMAND_LINE)
    app = open_page("pages/people.py", Role.ADMIN)
    shut(Role.ADMIN)
    click(app, "Make a key")
    assert len(api_keys.list_keys(store)) == 1


def test_a_download(
    open_page: OpenPage,
    queue: Queue,
    store: Store,
    shut: Callable[[Role], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BLOODCELLS_DOWNLOAD", "true")
    current_settings.cache_clear()
    app = open_page("pages/dataset.py", Role.SCIENTIST)
    shut(Role.SCIENTIST)
    click(app, "Get the data set")
    assert queue.latest(download.KIND) is None
    assert deeds(store) == set()
