"""Whatever is sent, the interface answers as its own description says, and never with a 500."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.api import example
from apps.api.app import make_app
from core.access import accounts, api_keys
from core.access.accounts import Role
from core.records import schema
from core.records.store import Store
from core.settings import Settings

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True)
class Served:
    """The interface at a real address, ready to answer, and an admin's key."""

    address: str
    headers: dict[str, str]

    def predict(self, image: str) -> requests.Response:
        """Asks for one prediction."""
        body = {"image": image}
        return requests.post(f"{self.address}/predict", json=body, headers=self.headers, timeout=60)

    def description(self) -> dict[str, Any]:
        """The OpenAPI document."""
        found: dict[str, Any] = requests.get(f"{self.address}/openapi.json", timeout=60).json()
        return found


@pytest.fixture(scope="module")
def served(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The interface served in a thread."""
    chosen = Settings(
        state_dir=tmp_path_factory.mktemp("state"),
        models_dir=models_dir,
        bundle="tiny",
        api_rate=100_000,
    )
    schema.migrate(chosen.database)
    store = Store(chosen.database)
    accounts.create(store, "ada", "Ada", Role.ADMIN, "correct horse battery")
    _, secret = api_keys.make(store, "ada", "test", Role.ADMIN, accounts.COMMAND_LINE)
    store.close()
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(chosen), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    # A connection waits in the socket's queue until the server takes it.
    opened = Served(f"http://127.0.0.1:{listening.getsockname()[1]}", {"X-API-Key": secret})
    assert opened.predict(example.CELL).status_code == 200
    yield opened
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive()


def broken_promises(case: schemathesis.Case, response: requests.Response) -> str:
    """In what the response is not as described, and how to ask again; "" for nothing."""
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as found:
        return str(found)
    return ""


@pytest.mark.parametrize(
    "operation",
    [
        "POST /predict",
        "POST /v1/predict",
        "GET /v1/bundles",
        "GET /v1/profiles",
        "GET /v1/history",
        "GET /v1/history.csv",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
    ],
)
def test_nothing_that_is_sent_breaks_it(operation: str, served: Served) -> None:
    described = schemathesis.openapi.from_url(f"{served.address}/openapi.json")
    method, path = operation.split()

    @settings(
        max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=described[path][method].as_strategy())
    def send(case: schemathesis.Case) -> None:
        response = case.call(headers=served.headers, timeout=60)
        assert broken_promises(case, response) == ""

    send()


def test_every_operation_is_tried(served: Served) -> None:
    paths = served.description()["paths"]
    operations = {f"{m.upper()} {path}" for path, methods in paths.items() for m in methods}
    (marked,) = test_nothing_that_is_sent_breaks_it.pytestmark  # type: ignore[attr-defined]
    assert operations == set(marked.args[1])


def test_the_description_carries_an_example_that_works(served: Served) -> None:
    (image,) = served.description()["components"]["schemas"]["ImageIn"]["properties"]["image"][
        "examples"
    ]
    assert served.predict(image).json()["label"]
