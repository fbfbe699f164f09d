"""Settings come from the environment, and a bad one is named."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import SettingsError
from core.records import schema
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


@pytest.mark.parametrize("path", ["a b", "https://x/cells", "a//b", "../x?", "cells;x", "a\nb"])
def test_a_path_that_no_proxy_serves_is_refused(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("BLOODCELLS_BASE_PATH", path)

    with pytest.raises(SettingsError, match="BLOODCELLS_BASE_PATH"):
        settings()


def test_relative_folder_is_the_same_place_from_everywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    assert Settings(state_dir=Path("state")).runs_dir == tmp_path / "state" / "runs"


@pytest.mark.parametrize("name", ["100%", "a?b#c", "a%20b", "käse @x:y", "state"])
def test_the_database_lies_in_the_state_folder_whatever_its_name(tmp_path: Path, name: str) -> None:
    schema.migrate(Settings(state_dir=tmp_path / name).database)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "app.db").is_file()


def test_an_empty_variable_is_as_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(f"BLOODCELLS_{name.upper()}", "")
    monkeypatch.setenv("PORT", "")
    assert (settings().port, settings().download, settings().data_dir) == (8501, True, None)
    assert settings().state_dir == ROOT / "data"
    monkeypatch.setenv("BLOODCELLS_PORT", "8600")
    settings.cache_clear()
    assert settings().port == 8600


def test_every_setting_stands_in_the_docs_with_what_it_sets() -> None:
    told = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `BLOODCELLS_(\w+)` \|[^|]*\| (.*) \|$", told, re.MULTILINE))
    known = {name.upper(): field.description for name, field in Settings.model_fields.items()}
    assert rows == known


def test_a_process_started_gets_what_is_set_here_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERE", "set")
    own = environment_with(HERE="by default", ELSEWHERE="by default")
    assert (own["HERE"], own["ELSEWHERE"]) == ("set", "by default")
