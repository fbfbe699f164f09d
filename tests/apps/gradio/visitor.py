"""Somebody at the Gradio page: signs in, uploads, asks, as the browser does it."""

import json
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from core.access.accounts import Role
from core.records.history import rows
from core.records.history.filter import HistoryFilter, Viewer
from core.records.readings import LoggedReading
from core.records.store import Store
from tests.conftest import PASSWORD

SESSION = "one-open-page"


class Visitor:
    """One browser with one open page."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def sign_in(self, username: str = "clinician", password: str = PASSWORD) -> Response:
        """Sends the form."""
        form = {"username": username, "password": password}
        return self.client.post("/login", data=form, follow_redirects=False)

    def upload(self, data: bytes, name: str = "cell.jpg") -> Response:
        """Sends a file; the response holds its path on the server."""
        return self.client.post("/gradio_api/upload", files={"files": (name, data)})

    def join(self, event: str, *inputs: Any) -> Response:
        """Asks for something; what it gives comes through ``told``."""
        config = self.client.get("/config").json()
        known = {one["api_name"]: one["id"] for one in config.get("dependencies", [])}
        asked = {"data": inputs, "fn_index": known.get(event, 0), "session_hash": SESSION}
        return self.client.post("/gradio_api/queue/join", json=asked)

    def ask(self, event: str, *inputs: Any) -> str:
        """Asks a question and waits; all that the page is told, as text."""
        joined = self.join(event, *inputs)
        assert joined.status_code == 200, joined.text
        return self.told()

    def told(self) -> str:
        """What the page is told next."""
        stream = self.client.get(f"/gradio_api/queue/data?session_hash={SESSION}").text
        events = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data:")]
        (done,) = [event for event in events if event["msg"] == "process_completed"]
        assert done["success"], done
        return "\n".join(str(part) for part in done["output"]["data"])

    def hand_in(self, data: bytes, name: str = "cell.jpg") -> str:
        """Uploads an image and asks what it is."""
        sent = self.upload(data, name)
        assert sent.status_code == 200, sent.text
        return self.ask("predict", file(sent.json()[0], name))


def file(path: str, name: str = "cell.jpg") -> dict[str, Any]:
    """A file as a question names it."""
    return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}


def logged(store: Store) -> list[LoggedReading]:
    """What stands in the history, newest first."""
    return rows.newest(store, Viewer(Role.ADMIN, 0), HistoryFilter())
