"""What tests of REST send, and how they read a refusal."""

from collections.abc import Callable
from typing import Any

from apps.api import example
from core.access.accounts import Role

Headers = Callable[[Role], dict[str, str]]
BODY = {"image": example.CELL, "name": "cell.jpg"}


def problem(response: Any, status: int) -> dict[str, Any]:
    """The problem that a response carries, checked for its form."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert told["status"] == status
    assert told["request_id"] == response.headers["x-request-id"]
    return told
