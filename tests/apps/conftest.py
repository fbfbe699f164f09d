"""The command line as its users start it: a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.settings import ROOT
from tests.factories import make_bundle

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the bundle "tiny" in it."""
    return make_bundle(tmp_path_factory.mktemp("models")).folder.parent


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
