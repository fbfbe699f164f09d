"""A program names the laboratory profile that its cells are predicted under."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from apps.api import example
from core.access.accounts import COMMAND_LINE
from core.analysis.deployments import use_profile
from core.analysis.profiles import save_profile
from core.records.store import Store
from core.settings import Settings
from core.vision.profile import Profile
from tests.apps.api.asking import BODY, problem
from tests.factories import make_profile

FILES = [("files", ("cell.jpg", example.JPEG))]


@pytest.fixture
def north(chosen: Settings) -> str:
    """A laboratory where nothing but basophils is met."""
    mix = {"basophil": 1.0} | dict.fromkeys(("neutrophil", "lymphocyte"), 0.0)
    profile = Profile(
        name="north",
        cells=50,
        nucleus_share=0.3,
        class_mix=mix,
        bundle="tiny",
        created=datetime(2026, 1, 1, tzinfo=UTC),
    )
    save_profile(profile, chosen)
    return profile.name


def test_predictions_are_made_under_the_profile_that_is_named(
    client: TestClient, known: dict[str, str], north: str
) -> None:
    plain = client.post("/predict", json=BODY, headers=known).json()
    one = client.post(f"/predict?profile={north}", json=BODY, headers=known).json()
    (many,) = client.post(f"/v1/predict?profile={north}", files=FILES, headers=known).json()
    assert (plain["profile"], one["profile"], many["profile"]) == (None, north, north)
    assert one["label"] == many["label"] == "basophil"
    assert one["confidence"] == pytest.approx(1.0)
    assert plain["confidence"] < 0.9
    logged = client.get("/v1/history", headers=known).json()["readings"]
    assert sorted(reading["profile"] or "" for reading in logged) == ["", north, north]


def test_an_unknown_profile_is_refused_before_anything_is_predicted(
    client: TestClient, known: dict[str, str], north: str
) -> None:
    response = client.post("/predict?profile=south", json=BODY, headers=known)
    assert response.status_code == 422
    assert response.json()["detail"] == "No laboratory profile named 'south'. There are: north."
    assert client.post("/v1/predict?profile=../x", files=FILES, headers=known).status_code == 422
    assert client.get("/v1/history", headers=known).json()["total"] == 0


def test_a_profile_of_another_model_is_refused(
    client: TestClient, known: dict[str, str], chosen: Settings
) -> None:
    save_profile(make_profile(name="south", bundle="other"), chosen)
    problem(client.post("/predict?profile=south", json=BODY, headers=known), 422)
    problem(client.post("/v1/predict?profile=south", files=FILES, headers=known), 422)
    assert client.get("/v1/history", headers=known).json()["total"] == 0


def test_requests_under_different_profiles_may_share_a_batch(
    client: TestClient, known: dict[str, str], north: str
) -> None:
    asked = [None, north] * 8

    def ask(profile: str | None) -> str | None:
        query = f"?profile={profile}" if profile else ""
        body = {"image": base64.b64encode(example.JPEG).decode()}
        response = client.post(f"/predict{query}", json=body, headers=known)
        return response.json()["profile"]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, asked)) == asked


def test_profiles_are_listed_and_the_one_in_use_is_marked(
    client: TestClient, known: dict[str, str], north: str, chosen: Settings, store: Store
) -> None:
    assert client.get("/v1/profiles", headers=known).json() == [{"name": north, "in_use": False}]
    use_profile(store, chosen, COMMAND_LINE, north)
    assert client.get("/v1/profiles", headers=known).json() == [{"name": north, "in_use": True}]
    assert client.post("/predict", json=BODY, headers=known).json()["profile"] == north


def test_where_the_profile_in_use_is_lost_nothing_is_predicted_without_it(
    client: TestClient, known: dict[str, str], north: str, chosen: Settings, store: Store
) -> None:
    use_profile(store, chosen, COMMAND_LINE, north)
    file = chosen.profiles_dir / f"{north}.json"
    text = file.read_text()
    file.write_text("{")
    problem(client.post("/predict", json=BODY, headers=known), 503)
    problem(client.get("/readyz"), 503)
    assert client.get("/v1/history", headers=known).json()["total"] == 0
    file.write_text(text)
    assert client.post("/predict", json=BODY, headers=known).json()["profile"] == north
    assert client.get("/readyz").status_code == 200
