"""A server that cannot start says in one line what to do."""

import socket
from collections.abc import Callable, Iterator

import pytest
from streamlit import config

from apps import server, start
from apps.api import app as api
from apps.gradio import app as gradio
from core.errors import SettingsError
from core.settings import Settings
from core.settings import settings as current_settings

MAINS = {"dashboard": server.main, "api": api.main, "gradio": gradio.main}
every_server = pytest.mark.parametrize("main", MAINS.values(), ids=MAINS)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@every_server
def test_a_taken_port_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, taken: int, main: Callable[[], None]
) -> None:
    monkeypatch.setenv("PORT", str(taken))
    current_settings.cache_clear()
    with pytest.raises(SystemExit, match=f"port {taken} .*set PORT") as told:
        main()
    assert "\n" not in str(told.value)


@every_server
def test_a_state_folder_that_cannot_be_written_is_told(
    settings: Settings, main: Callable[[], None]
) -> None:
    settings.state_dir.parent.mkdir(exist_ok=True)
    settings.state_dir.touch()  # a file in its place; to root every folder is writable
    with pytest.raises(SystemExit, match="BLOODCELLS_STATE_DIR"):
        main()


@pytest.mark.parametrize("host", ["203.0.113.1", "no such host"])
def test_an_address_that_is_not_this_machines_is_told(settings: Settings, host: str) -> None:
    with pytest.raises(SettingsError, match="BLOODCELLS_HOST"):
        start.check(settings.model_copy(update={"host": host}), settings.port)


@pytest.mark.parametrize(("set_to", "under"), [("", ""), ("cells", "/cells"), ("/a/b/", "/a/b")])
def test_all_doors_lie_under_the_path_that_a_proxy_keeps(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, set_to: str, under: str
) -> None:
    monkeypatch.setenv("BLOODCELLS_BASE_PATH", set_to)
    current_settings.cache_clear()
    before = config.get_option("server.baseUrlPath")
    try:
        app = server.make_app(current_settings())
        assert config.get_option("server.baseUrlPath") == under
    finally:
        config.set_option("server.baseUrlPath", before)
    paths = {route.path for route in app._user_routes}
    assert {f"{under}/api", f"{under}/gradio", f"{under}/session"} <= paths
