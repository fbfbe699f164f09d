"""What a program gets over REST: predictions as at every other door, the log, the bundles."""

import base64
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from apps.api import example
from core.access import accounts
from core.access.accounts import Role
from core.analysis.answering import Answering
from core.analysis.intake import read_image
from core.analysis.logging import LoggedPrediction, predict_and_log
from core.prediction import Status
from core.records.images import ImageStore
from core.records.readings import NewReading
from core.records.store import Store
from core.settings import Settings
from tests.apps.api.asking import BODY, Headers
from tests.apps.conftest import Run
from tests.apps.gradio.visitor import Visitor, logged
from tests.core.analysis import images


def without_time(prediction: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in prediction.items() if k not in ("milliseconds", "name", "path")}


def test_one_image_gets_the_same_prediction_at_every_door(
    client: TestClient,
    known: dict[str, str],
    visitor: Visitor,
    store: Store,
    chosen: Settings,
    cli: Run,
    tmp_path: Path,
) -> None:
    predictor = Answering(store, chosen).predictor()
    image = read_image("cell.jpg", example.JPEG, predictor.at_least_px)
    (expected,) = predictor.predict([image])
    (page,) = predict_and_log(predictor, store, [image], None, chosen)
    assert isinstance(page, LoggedPrediction)
    (tmp_path / "cell.jpg").write_bytes(example.JPEG)
    cli("predict", tmp_path / "cell.jpg", "--json", tmp_path / "out.json")

    rest = client.post("/predict", json=BODY, headers=known).json()
    (form,) = client.post(
        "/v1/predict", files=[("files", ("cell.jpg", example.JPEG))], headers=known
    ).json()
    (line,) = json.loads((tmp_path / "out.json").read_text())
    visitor.hand_in(example.JPEG)
    (shown,) = [one.prediction for one in logged(store) if one.source == "gradio"]
    kept = store.reading(page.reading_id).prediction
    logs = [json.loads(json.dumps(one.to_dict())) for one in (shown, kept)]
    expected_dict = json.loads(json.dumps(expected.to_dict()))
    assert set(rest) == set(expected_dict) | {"reading_id"}
    assert set(line) == set(expected_dict) - {"name"} | {"path"}
    for prediction in (rest, form):
        assert prediction.pop("reading_id")
    for prediction in (rest, form, line, *logs):
        assert without_time(prediction) == without_time(expected_dict)


def test_every_door_keeps_the_image(
    client: TestClient, known: dict[str, str], visitor: Visitor, chosen: Settings, store: Store
) -> None:
    sent = [images.encoded(images.cell(side, 90)) for side in (80, 100, 120)]
    body = {"image": base64.b64encode(sent[0]).decode()}
    client.post("/predict", json=body, headers=known)
    client.post("/v1/predict", files=[("files", ("b.png", sent[1]))], headers=known)
    visitor.hand_in(sent[2])
    assert len(logged(store)) == 3
    with store.read() as session:
        for data in sent:
            sha256 = hashlib.sha256(data).hexdigest()
            assert ImageStore.from_settings(chosen).get(session, sha256) == data


def test_a_prediction_stands_in_the_log(
    client: TestClient, known: dict[str, str], store: Store
) -> None:
    prediction = client.post("/predict", json=BODY, headers=known).json()
    reading = store.reading(prediction["reading_id"])
    assert (reading.by, reading.source) == ("clinician", "api")
    assert (reading.prediction.cell.name, reading.prediction.label) == (
        "cell.jpg",
        prediction["label"],
    )
    assert dict(reading.prediction.probabilities) == prediction["probabilities"]
    assert reading.thumbnail


def test_base64_in_lines_is_taken_too(client: TestClient, known: dict[str, str]) -> None:
    lines = base64.encodebytes(example.JPEG).decode()
    assert "\n" in lines
    assert client.post("/predict", json={"image": lines}, headers=known).status_code == 200


def test_a_data_url_is_taken_too(client: TestClient, known: dict[str, str]) -> None:
    url = {"image": f"data:image/jpeg;base64,{example.CELL}"}
    assert client.post("/predict", json=url, headers=known).status_code == 200


def test_many_files_are_predicted_in_order_and_bad_ones_say_why(
    client: TestClient, known: dict[str, str]
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("a.jpg", "b.jpg"):
            archive.writestr(name, example.JPEG)
    files = [("one.jpg", example.JPEG), ("no.png", b"words"), ("two.zip", packed.getvalue())]
    sent = [("files", file) for file in files]
    predictions = client.post("/v1/predict", files=sent, headers=known).json()
    assert [prediction["name"] for prediction in predictions] == [
        "one.jpg",
        "no.png",
        "a.jpg",
        "b.jpg",
    ]
    assert "not an image" in predictions[1]["error"]
    assert all("reading_id" in prediction for prediction in (predictions[0], *predictions[2:]))


def test_the_history_shows_what_the_role_may_see(client: TestClient, headers: Headers) -> None:
    keys = {role: headers(role) for role in Role}
    for role in (Role.CLINICIAN, Role.ADMIN):
        client.post("/predict", json=BODY, headers=keys[role])

    def seen(role: Role, query: str = "") -> list[Any]:
        page = client.get(f"/v1/history{query}", headers=keys[role]).json()
        assert page["total"] == len(page["readings"])
        return [reading["by"] for reading in page["readings"]]

    assert seen(Role.CLINICIAN) == ["clinician"]
    assert seen(Role.SCIENTIST) == [None, None]
    assert seen(Role.ADMIN) == ["admin", "clinician"]
    assert seen(Role.ADMIN, "?username=clinician") == ["clinician"]
    assert seen(Role.ADMIN, "?verdict=corrected") == []
    assert seen(Role.ADMIN, "?verdict=Not+looked+at") == seen(Role.ADMIN, "?verdict=unreviewed")


def test_the_history_gives_a_prediction_back_as_it_was_given(
    client: TestClient, known: dict[str, str]
) -> None:
    prediction = client.post("/predict", json=BODY, headers=known).json()
    (reading,) = client.get("/v1/history", headers=known).json()["readings"]
    assert prediction.items() <= reading.items()
    assert set(reading) - set(prediction) == {"at", "by", "source", "um_per_px", "person_label"}


def test_the_history_gives_what_is_referred(
    client: TestClient, known: dict[str, str], store: Store
) -> None:
    first = client.post("/predict", json=BODY, headers=known).json()["reading_id"]
    logged = store.reading(first)
    blast = replace(logged.prediction, status=Status.REFERRED)
    account = accounts.find_by_username(store, "clinician")
    assert account
    (number,) = store.log([NewReading(blast, account.id)])

    def asked(query: str) -> list[int]:
        found = client.get(f"/v1/history?{query}", headers=known).json()["readings"]
        return [reading["reading_id"] for reading in found]

    assert asked("status=referred") == [number]
    assert asked(f"status=referred&status={logged.prediction.status}") == [number, first]
    assert client.get("/v1/history?status=refer", headers=known).status_code == 422


def test_the_history_comes_in_pages(client: TestClient, known: dict[str, str]) -> None:
    ids = [client.post("/predict", json=BODY, headers=known).json()["reading_id"] for _ in "123"]
    page = client.get("/v1/history?per_page=2&page=2", headers=known).json()
    assert page["total"] == 3
    assert [reading["reading_id"] for reading in page["readings"]] == ids[:1]


def test_bundles_are_listed_with_their_cards(client: TestClient, known: dict[str, str]) -> None:
    (bundle,) = client.get("/v1/bundles", headers=known).json()
    assert (bundle["name"], bundle["answers"]) == ("tiny", True)
    assert bundle["card"]["architecture"] == "efficientnet_lite0"
