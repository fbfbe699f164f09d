"""The Gradio page as its visitors find it: predictions, flags, the log, refusals in words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from apps.api import example
from apps.gradio import app as gradio_app
from apps.gradio import page
from core.access.accounts import Account, Role
from core.analysis.answering import Answering
from core.analysis.intake import FAILED, read_image
from core.errors import LogFailedError
from core.records.store import Store
from core.settings import Settings
from core.settings import settings as current_settings
from core.taxonomy import RESEARCH_USE, cell_class
from core.vision.card.cautions import NO_REFERRAL, ONLY_SYNTHETIC
from core.vision.classifier import Classifier
from tests.apps.gradio.visitor import Visitor, logged
from tests.core.analysis import images
from tests.factories import make_bundle

GetAccount = Callable[[Role], Account]


def test_the_same_bytes_get_the_same_prediction_and_stand_in_the_log(
    visitor: Visitor, chosen: Settings, store: Store
) -> None:
    image = images.encoded(images.cell(360, 360), "JPEG")  # large: its decoding shows
    told = visitor.hand_in(image)
    predictor = Answering(store, chosen).predictor()
    (expected,) = predictor.predict([read_image("cell.jpg", image, predictor.at_least_px)])
    (reading,) = logged(store)
    assert (reading.by, reading.source) == ("clinician", "gradio")
    assert reading.prediction.cell.image == expected.cell.image
    assert dict(reading.prediction.probabilities) == expected.probabilities
    for part in (cell_class(expected.label).name, expected.reason, "model tiny", "cell.jpg"):
        assert part in told


def test_what_everybody_must_know_stands_there_from_the_first(
    visitor: Visitor, chosen: Settings, tmp_path: Path
) -> None:
    assert NO_REFERRAL in visitor.ask("cautions")
    first = visitor.hand_in(example.JPEG)
    assert NO_REFERRAL in first
    assert ONLY_SYNTHETIC not in first
    make_bundle(tmp_path, name="drawn", synthetic=True)
    drawn = chosen.model_copy(update={"models_dir": tmp_path, "bundle": "drawn"})
    with TestClient(gradio_app.make_app(drawn)) as client:
        other = Visitor(client)
        other.sign_in()
        assert ONLY_SYNTHETIC in other.hand_in(example.JPEG)


def test_without_a_model_the_page_opens_all_the_same(chosen: Settings, account: GetAccount) -> None:
    account(Role.CLINICIAN)
    none = chosen.model_copy(update={"bundle": "absent"})
    with TestClient(gradio_app.make_app(none)) as client:
        alone = Visitor(client)
        alone.sign_in()
        assert "absent" in alone.ask("cautions")


def test_nothing_of_an_upload_stays_on_disk(visitor: Visitor, chosen: Settings) -> None:
    path = Path(visitor.upload(example.JPEG).json()[0])
    assert path.read_bytes() == example.JPEG
    visitor.hand_in(example.JPEG, "other.jpg")
    visitor.hand_in(b"words", "words.png")
    folder = path.parents[1]
    assert [file for file in folder.rglob("*") if file.is_file()] == [path]
    visitor.client.__exit__()
    assert not path.exists()


def test_a_flag_is_the_persons_label_and_can_be_undone(visitor: Visitor, store: Store) -> None:
    visitor.hand_in(example.JPEG)
    (reading,) = logged(store)
    other = "platelet" if reading.prediction.label != "platelet" else "monocyte"
    assert cell_class(other).name in visitor.ask("flag", None, other)
    (flagged,) = logged(store)
    assert (flagged.person_label, flagged.prediction.label) == (other, reading.prediction.label)
    visitor.ask("undo", None)
    assert logged(store)[0].person_label is None


def test_a_flag_needs_a_class(visitor: Visitor, store: Store) -> None:
    visitor.hand_in(example.JPEG)
    assert "Choose what it is first" in visitor.ask("flag", None, None)
    assert logged(store)[0].person_label is None


def test_a_drawn_example_stays_out_of_the_history(visitor: Visitor, store: Store) -> None:
    assert "A synthetic example" in visitor.ask("example", 0)
    assert logged(store) == []
    assert store.reading(1).source == "example"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"words", "not an image that can be read"),
        (b"", "The file is empty"),
        (None, "whole microscope field"),
    ],
)
def test_a_bad_image_says_how_to_mend_it(
    visitor: Visitor, store: Store, data: bytes | None, words: str
) -> None:
    if data is None:
        data = images.encoded(images.field())
    assert words in visitor.hand_in(data, "cell.png")
    assert logged(store) == []


def test_an_image_that_the_network_cannot_take_is_refused(
    visitor: Visitor, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise IndexError("cannot take it")

    monkeypatch.setattr(Classifier, "scores", fail)
    assert FAILED in visitor.hand_in(example.JPEG)
    assert logged(store) == []


def test_a_file_that_is_too_large_is_refused_on_its_way_in(visitor: Visitor) -> None:
    refused = visitor.upload(b"x" * 23_000_000)
    assert (refused.status_code, refused.text) == (
        413,
        "The file is larger than 20 MB. Save it smaller.",
    )


def test_what_was_not_logged_is_not_predicted(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LogFailedError("The prediction was not logged and is not shown. The disk is full.")

    monkeypatch.setattr(Store, "log", fail)
    told = visitor.hand_in(example.JPEG)
    assert "disk is full" in told
    assert "model tiny" not in told


def test_it_says_what_it_is_for_before_and_after_sign_in(visitor: Visitor) -> None:
    assert RESEARCH_USE in visitor.client.get("/").text
    visitor.client.cookies.clear()
    assert RESEARCH_USE in visitor.client.get("/").text


def test_a_name_is_shown_and_not_run(visitor: Visitor) -> None:
    told = visitor.hand_in(example.JPEG, "<b>cell.jpg")
    assert "&lt;b&gt;cell.jpg" in told
    assert "<b>cell" not in told


def test_examples_are_one_of_each_class(chosen: Settings, visitor: Visitor) -> None:
    config = visitor.client.get("/config").json()
    (samples,) = [c["props"]["samples"] for c in config["components"] if c["type"] == "dataset"]
    assert len(samples) == len(page.CLASSES)


def test_without_gradio_it_says_how_to_install_it(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradio_app, "installed", lambda: False)
    response = TestClient(gradio_app.make_app(chosen)).get("/")
    assert (response.status_code, response.text) == (501, gradio_app.MISSING)
    with pytest.raises(SystemExit, match="requirements-gradio.txt"):
        gradio_app.main()


def test_alone_it_serves_where_gradio_is_looked_for_and_says_how_to_make_an_account(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served: dict[str, object] = {}
    monkeypatch.setattr(
        gradio_app, "make_app", lambda _: gradio_app.schema.migrate(chosen.database)
    )
    monkeypatch.setattr(
        gradio_app.shutdown, "serve", lambda _, host, port: served.update(host=host, port=port)
    )
    gradio_app.main()
    assert (served["host"], served["port"]) == ("127.0.0.1", 7860)
    assert "python -m apps.cli users add" in capsys.readouterr().out
    monkeypatch.setenv("PORT", "8123")
    current_settings.cache_clear()
    gradio_app.main()
    assert served["port"] == 8123
