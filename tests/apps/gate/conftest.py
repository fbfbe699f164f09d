from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from streamlit.runtime import Runtime

from apps import server
from core.settings import Settings


@pytest.fixture
def dashboard(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The running dashboard with its gates; Streamlit knows one server a process."""
    monkeypatch.setattr(Runtime, "_instance", None)
    with TestClient(server.make_app(settings)) as opened:
        yield opened
