"""The command line as a process of its own, REST with programs that ask, a visitor of Gradio."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from apps.api.app import make_app
from apps.gradio import app as gradio_app
from core.access import accounts, api_keys
from core.access.accounts import Account, Role
from core.records.store import Store
from core.settings import ROOT, Settings
from core.settings import settings as current_settings
from tests.apps.api.asking import Headers
from tests.apps.gradio.visitor import Visitor
from tests.factories import make_bundle

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the bundle "tiny" in it."""
    folder = make_bundle(tmp_path_factory.mktemp("models")).folder.parent
    for shipped in ("locators", "detectors"):
        (folder / shipped).symlink_to(ROOT / "models" / shipped)
    return folder


@pytest.fixture(scope="session")
def untrained_telling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bundle that tells attributes, to copy: exporting one takes seconds."""
    folder = tmp_path_factory.mktemp("telling")
    return make_bundle(folder, name="telling", telling=("neutrophil",)).folder


@pytest.fixture
def telling(tmp_path: Path, untrained_telling: Path) -> str:
    """The name of a bundle that tells attributes, in the state folder of ``cli``."""
    return shutil.copytree(untrained_telling, tmp_path / "state" / "models" / "telling").name


@pytest.fixture
def cli(tmp_path: Path, models_dir: Path) -> Run:
    """Runs ``python -m apps.cli`` with state in ``tmp_path / "state"``."""
    own = {
        "BLOODCELLS_STATE_DIR": str(tmp_path / "state"),
        "BLOODCELLS_MODELS_DIR": str(models_dir),
        "BLOODCELLS_BUNDLE": "tiny",
        "BLOODCELLS_DOWNLOAD": "false",
    }
    others = {k: v for k, v in os.environ.items() if not k.startswith("BLOODCELLS_")}

    def run(*words: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "apps.cli", *map(str, words)],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=others | own,
            timeout=300,
        )

    return run


@pytest.fixture
def chosen(settings: Settings, models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings under which the bundle "tiny" answers."""
    monkeypatch.setenv("BLOODCELLS_MODELS_DIR", str(models_dir))
    monkeypatch.setenv("BLOODCELLS_BUNDLE", "tiny")
    current_settings.cache_clear()
    return current_settings()


@pytest.fixture
def headers(store: Store, account: Callable[[Role], Account]) -> Headers:
    """The headers of a program that acts for the account of a role."""

    def of_role(role: Role) -> dict[str, str]:
        name = account(role).username
        return {"X-API-Key": api_keys.make(store, name, "test", role, accounts.COMMAND_LINE)[1]}

    return of_role


@pytest.fixture
def client(chosen: Settings, store: Store) -> Iterator[TestClient]:
    """The running interface."""
    with TestClient(make_app(chosen), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def known(headers: Headers) -> dict[str, str]:
    """The headers of a clinician's program."""
    return headers(Role.CLINICIAN)


@pytest.fixture
def visitor(chosen: Settings, account: Callable[[Role], Account]) -> Iterator[Visitor]:
    """A clinician who has signed in at the Gradio page."""
    account(Role.CLINICIAN)
    with TestClient(gradio_app.make_app(chosen)) as opened:
        found = Visitor(opened)
        assert found.sign_in().status_code == 303
        yield found
