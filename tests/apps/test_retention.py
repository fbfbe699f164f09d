"""A server lets images go whose time is over, without anybody asking."""

from datetime import UTC, datetime
from threading import Event

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from apps import retention
from core.errors import RecordError
from core.prediction import CellRef
from core.records.images import ImageStore
from core.records.readings import NewReading
from core.records.store import Store
from core.records.tables import ImageRow
from core.settings import Settings
from tests.core.records.test_images import new
from tests.factories import make_prediction


def test_at_the_start_what_is_over_leaves(settings: Settings, store: Store) -> None:
    limited = settings.model_copy(update={"keep_images_days": 30})
    images, image = ImageStore.from_settings(limited), new()
    reading = NewReading(make_prediction(cell=CellRef(image.sha256, "a.png")), image=image)
    store.log([reading], images=images)
    with store.write() as session:
        session.execute(update(ImageRow).values(kept_until=datetime.now(UTC)))
    ended = Event()
    ended.set()
    retention.start(limited, ended).join()
    assert store.reading(1).image_deleted_at
    assert not images.file(image.sha256).exists()


@pytest.mark.parametrize("error", [RecordError("The disk is full."), ValueError("unforeseen")])
def test_a_failure_is_logged_and_the_server_lives(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_args: object) -> None:
        raise error

    monkeypatch.setattr("core.records.retention.tidy", fail)
    ended = Event()
    ended.set()
    with capture_logs() as told:
        retention.start(settings, ended).join()
    assert [one["event"] for one in told] == ["retention_failed"]
