"""Settings come from the environment, and a bad one is named."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import SettingsError
from core.settings import ROOT, Settings, environment_with, settings


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_variable_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLOODCELLS_MAX_UPLOAD_MB", "lots")

    with pytest.raises(SettingsError, match="BLOODCELLS_MAX_UPLOAD_MB"):
        settings()


def test_short_cookie_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLOODCELLS_COOKIE_KEY", "secret")

    with pytest.raises(SettingsError, match="BLOODCELLS_COOKIE_KEY"):
        settings()


def test_relative_folder_is_the_same_place_from_everywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    assert Settings(state_dir=Path("state")).runs_dir == tmp_path / "state" / "runs"


def test_every_setting_stands_in_the_docs_with_what_it_sets() -> None:
    told = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `BLOODCELLS_(\w+)` \|[^|]*\| (.*) \|$", told, re.MULTILINE))
    known = {name.upper(): field.description for name, field in Settings.model_fields.items()}
    assert rows == known


def test_a_process_started_gets_what_is_set_here_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERE", "set")
    own = environment_with(HERE="by default", ELSEWHERE="by default")
    assert (own["HERE"], own["ELSEWHERE"]) == ("set", "by default")
