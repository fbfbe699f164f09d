"""An older database is upgraded without loss, a newer one refused, a failed upgrade undone."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from core.errors import RecordError, SchemaError
from core.prediction import Status
from core.records import audit
from core.records.schema import migrate
from core.records.store import Store
from core.records.tables import Base

OLD_ROWS = """
INSERT INTO accounts VALUES (1, 'ann', 'Ann', 'admin', 'x', 0, 0, NULL,
    '2026-01-01 00:00:00.000000', NULL, '2026-01-01 00:00:00.000000');
INSERT INTO readings VALUES
    (1, '2026-01-02 03:04:05.000006', 1, 'page', 'a.jpg', 'ab', 'first', 'ig', 0.5, '{"ig": 0.5}',
     'review', 'why', 1.5),
    (2, '2026-01-02 03:04:05.000006', NULL, 'api', 'b.jpg', 'cd', 'first', 'ig', 0.5, '{"ig": 0.5}',
     'review', 'why', 1.5);
INSERT INTO thumbnails VALUES (1, x'0102');
INSERT INTO labels VALUES
    (1, 1, 1, 'monocyte', '2026-01-03 00:00:00.000000', NULL),
    (2, 1, 1, 'platelet', '2026-01-04 00:00:00.000000', '2026-01-05 00:00:00.000000');
"""

OLD_READING = """
INSERT INTO readings (created_at, source, image_name, image_hash, bundle, label, confidence,
    probabilities, status, reason, milliseconds)
VALUES ('2026-01-02 03:04:05.000006', 'page', 'a.jpg', 'ab', 'first', 'ig', 0.5, '{"ig": 0.5}',
    ?, ?, 1.5)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "app.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


def test_migrations_make_the_tables_of_the_code(url: str) -> None:
    migrate(url)
    migrate(url)
    with Store(url).engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_an_empty_database_says_how_to_make_its_tables(url: str) -> None:
    with pytest.raises(SchemaError, match=r"empty.*python -m core\.records"):
        Store(url)


def test_an_older_database_is_upgraded_without_loss(url: str, file: Path) -> None:
    migrate(url, "0001")
    with sqlite3.connect(file) as database:
        database.executescript(OLD_ROWS)
    with pytest.raises(SchemaError, match=r"at schema 0001.*python -m core\.records"):
        Store(url)
    migrate(url)
    first, second = (Store(url).reading(i) for i in (1, 2))
    assert (first.by, first.person_label, first.thumbnail) == ("ann", "monocyte", b"\1\2")
    assert [given.label for given in first.labels] == ["monocyte", "platelet"]
    assert first.at.isoformat() == "2026-01-02T03:04:05.000006+00:00"
    assert (second.by, second.person_label, second.prediction.cell.name) == (None, None, "b.jpg")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("bundle put in use", "model_put_into_use"),
        ("bundle making asked", "model_making_requested"),
        ("run start stop asked", "run_start_stop_requested"),
        ("laboratory profile making put away", "laboratory_profile_making_put_away"),
        ("answers exported", "predictions_exported"),
        ("API key made", "api_key_made"),
        ("sign-in failed", "sign_in_failed"),
    ],
)
def test_what_the_trail_said_in_words_becomes_a_code(
    url: str, file: Path, before: str, after: str
) -> None:
    migrate(url, "0014")
    with sqlite3.connect(file) as database:
        database.execute(
            "INSERT INTO audit (created_at, actor, action, subject, details) "
            "VALUES ('2026-01-02 03:04:05.000006', 'ann', ?, 'one', '{}')",
            (before,),
        )
    migrate(url)
    assert [entry.action for entry in audit.entries(Store(url))] == [after]


def test_what_was_told_as_referred_by_a_sentence_becomes_a_status(url: str, file: Path) -> None:
    migrate(url, "0010")
    sentence = "Marked as possible blast or abnormal cell: refer to a haematologist."
    with sqlite3.connect(file) as database:
        for status, reason in (
            ("review", sentence),
            ("review", f"{sentence} Not quite."),
            ("confident", "Sure."),
        ):
            database.execute(OLD_READING, (status, reason))
    migrate(url)
    found = [Store(url).reading(i).prediction for i in (1, 2, 3)]
    assert [one.status for one in found] == [Status.REFERRED, Status.REVIEW, Status.CONFIDENT]
    assert found[0].reason == sentence
    assert (found[0].cell.box, found[0].bundle_hash, found[0].profile_hash) == (None, None, None)


def test_a_newer_database_is_refused(url: str, file: Path) -> None:
    migrate(url)
    with sqlite3.connect(file) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    for attempt in (Store, migrate):
        with pytest.raises(SchemaError, match="9999, which this code does not know.*Update"):
            attempt(url)


def test_an_upgrade_that_fails_changes_nothing(url: str, file: Path) -> None:
    migrate(url, "0001")
    with sqlite3.connect(file) as database:
        database.execute("DROP TABLE labels")  # the second revision reads it after its first step
    with pytest.raises(RecordError):
        migrate(url)
    with sqlite3.connect(file) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(readings)")]
        assert "person_label" not in columns
        assert database.execute("SELECT * FROM alembic_version").fetchall() == [("0001",)]


def test_a_commit_reaches_the_disk_before_it_is_confirmed(url: str) -> None:
    migrate(url)
    with Store(url).engine.connect() as connection:
        kept = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert kept == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
