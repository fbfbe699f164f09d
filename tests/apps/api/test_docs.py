"""The page that describes the interface asks no other host: a network may be closed."""

import re

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from apps.api.app import make_app
from core.settings import Settings

ADDRESS = re.compile(r"""(?:href=|src=|url: )["']([^"']+)["']""")


@pytest.mark.parametrize("place", ["", "/api"])
def test_the_page_and_its_parts_come_from_here(settings: Settings, place: str) -> None:
    client = TestClient(Starlette(routes=[Mount(place, app=make_app(settings))]))
    page = client.get(f"{place}/docs").text
    assert "://" not in page
    found = {address.rpartition("/")[2]: address for address in ADDRESS.findall(page)}
    assert set(found) == {"swagger-ui-bundle.js", "swagger-ui.css", "favicon.png", "openapi.json"}
    for address in found.values():
        assert address.startswith(f"{place}/")
        assert client.get(address).status_code == 200


def test_no_other_page_describes_it(settings: Settings) -> None:
    assert TestClient(make_app(settings)).get("/redoc").status_code == 404
