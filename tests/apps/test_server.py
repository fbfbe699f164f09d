"""What the launcher does before it serves; ``tests/e2e`` sees it serve."""

import subprocess
import sys
import tomllib

import pytest
from streamlit.runtime.pages_manager import PagesManager

from apps import server
from core.access import accounts
from core.access.accounts import Role
from core.records.store import Store
from core.settings import ROOT, Settings
from core.settings import settings as current_settings


def test_a_fresh_database_is_made_and_the_link_is_printed_once(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    server.prepare(settings)
    server.prepare(settings)
    assert capsys.readouterr().out.count(f"http://localhost:{settings.port}/?setup=") == 1


def test_where_there_is_an_account_no_link_is_printed(
    settings: Settings, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.create(store, "chief", "", Role.ADMIN, "correct horse battery")
    server.prepare(settings)
    assert "setup=" not in capsys.readouterr().out


def test_a_setting_that_cannot_be_used_ends_the_start_in_words(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "many")
    current_settings.cache_clear()
    with pytest.raises(SystemExit, match="PORT cannot be used"):
        server.main()


def test_pages_never_run_without_home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    server.make_app(settings)
    assert PagesManager.uses_pages_directory is False


def test_no_other_front_door_is_imported_before_it_is_asked_for() -> None:
    script = """
import sys
from apps import server
from core.settings import settings
server.make_app(settings())
print("fastapi" in sys.modules, "gradio" in sys.modules, "openvino" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split() == ["False"] * 3, done.stdout + done.stderr


def test_streamlit_run_listens_on_this_machine_alone() -> None:
    told = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert told["server"]["address"] == "127.0.0.1"
