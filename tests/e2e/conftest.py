"""A served dashboard and a real browser; skipped where this machine has no Chromium."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from core.access import accounts
from core.access.accounts import Role
from core.records import schema
from core.records.store import Store

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "correct horse battery"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Served:
    """A running server.

    Attributes:
        address: e.g. ``http://localhost:40123``.
        state_dir: what it writes.
    """

    address: str
    state_dir: Path

    def store(self) -> Store:
        """Its database, from outside."""
        return Store(f"sqlite:///{self.state_dir / 'app.db'}")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(command: list[str], port: int, state_dir: Path, under: str = "") -> Iterator[Served]:
    """Runs a server until the test is done; it must leave by itself when asked to.

    Args:
        under: the path that a proxy serves it under.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BLOODCELLS_")}
    own = {
        "BLOODCELLS_STATE_DIR": str(state_dir),
        "BLOODCELLS_DOWNLOAD": "false",
        "BLOODCELLS_DATA_DIR": str(data_folder(state_dir)),
        "PORT": str(port),
        "BLOODCELLS_BASE_PATH": under,
    }
    with (state_dir / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=kept | own, stdout=log, stderr=log)
    try:
        wait_until_up(process, port, state_dir / "server.log")
        yield Served(f"http://localhost:{port}", state_dir)
    finally:
        process.terminate()
        assert process.wait(timeout=30) in (0, -15)


def data_folder(state_dir: Path) -> Path:
    """An empty data set, so that no page begins to draw one."""
    folder = state_dir / "cells"
    (folder / "neutrophil").mkdir(parents=True, exist_ok=True)
    return folder


def wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Returns once the server answers."""
    give_up = time.monotonic() + 180
    while time.monotonic() < give_up:
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=5)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a file: as long as it is open its event loop runs, and no test beside it may run one."""
    if not CHROMIUM.exists():
        pytest.skip(f"No browser at {CHROMIUM}: apt-get install chromium.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab with cookies of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The dashboard as ``make run`` serves it, with an account of each role."""
    state_dir = tmp_path_factory.mktemp("served")
    url = f"sqlite:///{state_dir / 'app.db'}"
    schema.migrate(url)
    store = Store(url)
    for role in Role:
        accounts.create(store, role, role.capitalize(), role, PASSWORD)
    store.close()
    port = free_port()
    yield from serve([sys.executable, "-m", "apps.server"], port, state_dir)
