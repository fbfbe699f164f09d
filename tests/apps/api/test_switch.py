"""Another model is put into use while programs ask: replicas follow, nobody is refused."""

import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from fastapi.testclient import TestClient

from apps.api.app import make_app
from core.access.accounts import COMMAND_LINE
from core.analysis import answering
from core.analysis.compiled import open_classifier
from core.analysis.deployments import go_back, use_bundle
from core.records.store import Store
from core.settings import Settings
from core.vision.bundle import Bundle, load_bundle, write_card
from core.vision.classifier import Classifier
from tests.apps.api.asking import BODY, problem

CALLERS = 6


@pytest.fixture
def both(chosen: Settings, models_dir: Path, tmp_path: Path) -> Settings:
    """Settings under which "tiny" answers and "other" could."""
    folder = chosen.bundle_dirs[1] / "other"
    shutil.copytree(models_dir / "tiny", folder)
    write_card(folder, load_bundle(folder).card.model_copy(update={"name": "other"}))
    return chosen.model_copy(update={"api_rate": 10_000})


@pytest.fixture
def replica(both: Settings, store: Store) -> Iterator[TestClient]:
    """One of several servers of one database."""
    with TestClient(make_app(both)) as opened:
        yield opened


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Servers open "other" only once this is set."""
    set_ = Event()

    def slow(bundle: Bundle, settings: Settings) -> Classifier:
        if bundle.name == "other":
            assert set_.wait(60)
        return open_classifier(bundle, settings)

    monkeypatch.setattr(answering, "open_classifier", slow)
    return set_


def ask(client: TestClient, known: dict[str, str]) -> str:
    """The bundle that answered."""
    response = client.post("/predict", json=BODY, headers=known)
    assert response.status_code == 200, response.text
    bundle: str = response.json()["bundle"]
    return bundle


def test_every_replica_follows_and_goes_back(
    replica: TestClient, both: Settings, store: Store, known: dict[str, str]
) -> None:
    with TestClient(make_app(both)) as other:
        replicas = (replica, other)
        assert [ask(one, known) for one in replicas] == ["tiny"] * 2
        use_bundle(store, both, COMMAND_LINE, "other")
        assert [ask(one, known) for one in replicas] == ["other"] * 2
        assert [one.get("/readyz").json()["bundle"] for one in replicas] == ["other"] * 2
        go_back(store, both, COMMAND_LINE)
        assert [ask(one, known) for one in replicas] == ["tiny"] * 2


def test_a_switch_under_load_loses_and_refuses_nothing(
    replica: TestClient, both: Settings, store: Store, known: dict[str, str], gate: Event
) -> None:
    assert ask(replica, known) == "tiny"
    switched, answered = Event(), Counter[str]()

    def keep_asking(_: int) -> Counter[str]:
        own = Counter[str]()
        while not switched.is_set():
            own[ask(replica, known)] += 1
        own[ask(replica, known)] += 1
        return own

    with ThreadPoolExecutor(CALLERS) as callers:
        running = [callers.submit(keep_asking, number) for number in range(CALLERS)]
        use_bundle(store, both, COMMAND_LINE, "other")
        assert replica.get("/readyz").status_code == 200  # it is being opened, and callers wait
        assert replica.get("/v1/history", headers=known).status_code == 200
        gate.set()
        assert [ask(replica, known) for _ in range(8)] == ["other"] * 8
        switched.set()
        for one in running:
            answered += one.result()
    assert answered["other"] >= CALLERS
    total = replica.get("/v1/history", headers=known).json()["total"]
    assert total == answered.total() + 9


def test_while_the_first_network_opens_the_server_answers_everything_else(
    both: Settings, store: Store, known: dict[str, str], gate: Event
) -> None:
    waiting = both.model_copy(update={"bundle": "other"})
    with TestClient(make_app(waiting)) as client, ThreadPoolExecutor(CALLERS * 4) as callers:
        asked = [callers.submit(ask, client, known) for _ in range(CALLERS * 4)]
        assert client.get("/healthz").status_code == 200
        assert "being opened" in problem(client.get("/readyz"), 503)["detail"]
        assert client.get("/v1/history", headers=known).json()["total"] == 0
        gate.set()
        assert [one.result() for one in asked] == ["other"] * len(asked)


def test_a_replica_that_has_not_got_the_model_says_so(
    replica: TestClient, both: Settings, store: Store, known: dict[str, str]
) -> None:
    assert ask(replica, known) == "tiny"
    use_bundle(store, both, COMMAND_LINE, "other")
    shutil.rmtree(both.bundle_dirs[1] / "other")
    problem(replica.post("/predict", json=BODY, headers=known), 503)
    assert "other" in problem(replica.get("/readyz"), 503)["detail"]
    use_bundle(store, both, COMMAND_LINE, "tiny")
    assert ask(replica, known) == "tiny"
