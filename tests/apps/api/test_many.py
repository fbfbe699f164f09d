"""A request of many images: one bad image, a full queue or a full disk, and what is in the log."""

import asyncio
import base64
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from apps.api.app import make_app
from apps.api.service import BATCH
from core.access import accounts, api_keys
from core.access.accounts import COMMAND_LINE
from core.analysis.batcher import Batcher
from core.analysis.deployments import use_bundle
from core.errors import BusyError, LogFailedError
from core.records.history import totals
from core.records.history.filter import HistoryFilter, Viewer
from core.records.store import Store
from core.settings import Settings
from core.vision.bundle import load_bundle, write_card
from core.vision.classifier import Classifier
from tests.apps.api.asking import problem
from tests.core.analysis.images import cell, encoded, zipped

THIN = encoded(Image.new("RGB", (16, 20_000), "white"))
POISON_PX = 77


def files(count: int, *others: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    cells = [(f"{n}.png", encoded(cell(60 + n, 90))) for n in range(count)]
    return [("files", file) for file in (*cells, *others)]


@pytest.fixture
def logged(store: Store) -> Callable[[], int]:
    """How many readings stand in the log."""
    return lambda: totals(store, Viewer("admin", 0), HistoryFilter()).readings


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """An image that the network cannot take."""
    scores = Classifier.scores

    def fussy(self: Classifier, images: list[Image.Image], *rest: Any) -> Any:
        if any(image.width == POISON_PX for image in images):
            raise IndexError("cannot take it")
        return scores(self, images, *rest)

    monkeypatch.setattr(Classifier, "scores", fussy)
    return encoded(cell(POISON_PX, 90))


def test_a_thin_image_stops_no_other(
    client: TestClient, known: dict[str, str], logged: Callable[[], int]
) -> None:
    sent = files(3, ("thin.png", THIN))
    told = client.post("/v1/predict", files=sent, headers=known).json()
    assert [("reading_id" in one) for one in told] == [True, True, True, False]
    assert logged() == 3


def test_an_image_that_a_step_cannot_take_stops_no_other(
    client: TestClient, known: dict[str, str], poison: bytes, logged: Callable[[], int]
) -> None:
    sent = files(3, ("poison.png", poison), ("last.png", encoded(cell(99, 90))))
    response = client.post("/v1/predict", files=sent, headers=known)
    assert [("reading_id" in one) for one in response.json()] == [True] * 3 + [False, True]
    assert logged() == 4


def test_in_a_shared_batch_the_others_get_their_predictions(
    client: TestClient, known: dict[str, str], poison: bytes
) -> None:
    async def shared() -> list[Any]:
        here = client.app.state.service
        predictor = here.answering.predictor()
        from apps.api.service import Waiting, _work
        from core.analysis.intake import read_image

        data = [encoded(cell(90, 90)), poison, encoded(cell(95, 90))]
        images = [read_image(f"{n}.png", one) for n, one in enumerate(data)]
        account = here.store
        return _work(account, here.settings, [Waiting(one, None, predictor) for one in images])

    first, refused, last = asyncio.run(shared())
    assert (first.prediction.cell.name, last.prediction.cell.name) == ("0.png", "2.png")
    assert refused.name == "1.png"


def test_alone_it_is_refused_with_a_reason(
    client: TestClient, known: dict[str, str], poison: bytes, logged: Callable[[], int]
) -> None:
    body = {"image": base64.b64encode(poison).decode()}
    told = problem(client.post("/predict", json=body, headers=known), 422)
    assert told["detail"]
    assert "cannot take it" not in told["detail"]  # words of the code, not for callers
    assert logged() == 0


def test_a_request_that_finds_no_places_logs_nothing(
    chosen: Settings, store: Store, known: dict[str, str], logged: Callable[[], int]
) -> None:
    few = chosen.model_copy(update={"api_most_waiting": BATCH})
    with TestClient(make_app(few)) as client:
        client.app.state.service.batcher._reserved = 1  # somebody waits
        response = client.post("/v1/predict", files=files(3), headers=known)
        problem(response, 503)
        assert response.headers["retry-after"]
        assert logged() == 0


def test_a_request_that_began_is_not_turned_away_in_the_middle(
    client: TestClient,
    known: dict[str, str],
    logged: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Batcher, "submit", lambda *_: (_ for _ in ()).throw(BusyError("full")))
    told = client.post("/v1/predict", files=files(BATCH + 2), headers=known).json()
    assert all("reading_id" in one for one in told)
    assert logged() == len(told) == BATCH + 2


def test_what_fails_after_some_are_in_the_log_is_told_in_its_place(
    client: TestClient,
    known: dict[str, str],
    logged: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Store.log

    def full_soon(self: Store, *given: Any, **more: Any) -> list[int]:
        if logged() >= BATCH:
            raise LogFailedError("The disk is full.")
        return log(self, *given, **more)

    monkeypatch.setattr(Store, "log", full_soon)
    response = client.post("/v1/predict", files=files(BATCH + 5), headers=known)
    assert response.status_code == 200
    told = response.json()
    assert [one["reading_id"] for one in told if "reading_id" in one] == list(range(1, BATCH + 1))
    assert [one["error"] for one in told[BATCH:]] == ["The disk is full."] * 5


def after_the_first_batch(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], object]) -> None:
    log, deeds = Store.log, [deed]

    def then(self: Store, *given: Any, **more: Any) -> list[int]:
        ids = log(self, *given, **more)
        while deeds:
            deeds.pop()()
        return ids

    monkeypatch.setattr(Store, "log", then)


@pytest.mark.parametrize("how", ["revoked", "disabled"])
def test_a_key_that_ends_in_the_middle_gets_no_more(
    client: TestClient,
    known: dict[str, str],
    store: Store,
    logged: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    def end() -> None:
        (key,) = api_keys.list_keys(store)
        if how == "revoked":
            api_keys.revoke(store, key.id, COMMAND_LINE)
        else:
            accounts.disable(store, key.username)

    after_the_first_batch(monkeypatch, end)
    told = client.post("/v1/predict", files=files(BATCH + 5), headers=known).json()
    assert ["reading_id" in one for one in told] == [True] * BATCH + [False] * 5
    assert logged() == BATCH


def test_a_model_that_is_withdrawn_in_the_middle_predicts_no_more(
    chosen: Settings,
    models_dir: Path,
    store: Store,
    known: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = chosen.bundle_dirs[1] / "other"
    shutil.copytree(models_dir / "tiny", folder)
    write_card(folder, load_bundle(folder).card.model_copy(update={"name": "other"}))
    after_the_first_batch(monkeypatch, lambda: use_bundle(store, chosen, COMMAND_LINE, "other"))
    archive = zipped({name: data for _, (name, data) in files(BATCH + 5)})
    with TestClient(make_app(chosen)) as client:
        sent = {"files": ("cells.zip", archive)}
        told = client.post("/v1/predict", files=sent, headers=known).json()
    assert [one["bundle"] for one in told] == ["tiny"] * BATCH + ["other"] * 5


def test_what_fails_before_any_is_in_the_log_fails_the_request(
    client: TestClient,
    known: dict[str, str],
    logged: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LogFailedError("The disk is full.")

    monkeypatch.setattr(Store, "log", fail)
    told = problem(client.post("/v1/predict", files=files(BATCH + 5), headers=known), 503)
    assert told["detail"] == "The disk is full."
    assert logged() == 0


def test_a_network_that_cannot_be_executed_fails_the_request(
    client: TestClient, known: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor = client.app.state.service.answering.predictor()

    def fail(_: object) -> None:
        raise RuntimeError("CUDA error: out of memory")

    monkeypatch.setattr(predictor.classifier._runtime, "run", fail)
    told = problem(client.post("/v1/predict", files=files(3), headers=known), 503)
    assert "CUDA" not in told["detail"]
