"""The log: whole lines, with ids, without messages that may name somebody."""

import json
import logging
import subprocess
import sys
import tomllib

import pytest
from sqlalchemy import text

import core
from core import logs
from core.errors import RecordError
from core.logs import log
from core.records.engine import explained, open_engine
from core.settings import ROOT
from tests.conftest import Logged
from tests.threads import at_once

MARK = "marker-7731"


def test_a_line_is_json_with_time_level_event_and_what_was_bound(logged: Logged) -> None:
    logs.begin(request_id="r1")
    logs.bind(account_id=7)
    log.warning("bundle_refused", bundle="tiny")
    logs.begin()
    log.info("started")
    first, second = logged()
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "warning",
        "event": "bundle_refused",
        "bundle": "tiny",
        "request_id": "r1",
        "account_id": 7,
    }
    assert set(second) == {"time", "level", "event"}


def test_each_thread_has_its_own_ids(logged: Logged) -> None:
    def work(number: int) -> None:
        logs.begin(request_id=str(number))
        log.info("request", number=number)

    at_once(8, work)
    assert sorted(line["number"] for line in logged()) == list(range(8))
    assert all(line["request_id"] == str(line["number"]) for line in logged())


def test_an_error_is_told_by_class_and_place_through_all_its_causes(logged: Logged) -> None:
    try:
        try:
            raise FileNotFoundError(2, MARK, MARK)
        except OSError as error:
            raise ExceptionGroup(MARK, [KeyError(MARK)]) from error
    except ExceptionGroup:
        log.exception("request_failed")
    (line,) = logged()
    assert MARK not in json.dumps(line)
    told = line["exception"].splitlines()
    assert [one for one in told if not one.startswith("  ")] == [
        "FileNotFoundError: No such file or directory",
        "KeyError",
        "ExceptionGroup",
    ]
    assert any(__file__ in one and "test_an_error_is_told" in one for one in told)


def test_of_a_librarys_line_the_values_are_left_out(logged: Logged) -> None:
    library = logging.getLogger("library")
    library.info("for nobody")
    library.warning("cannot read %s", MARK)
    library.error(f"Task failed\nfuture: {MARK}", exc_info=ValueError(MARK))
    library.error(ValueError(MARK))
    lines = logged()
    assert MARK not in json.dumps(lines)
    events = [(line["logger"], line["event"]) for line in lines]
    assert events == [
        ("library", "cannot read %s"),
        ("library", "Task failed"),
        ("library", "ValueError"),
    ]


@pytest.mark.parametrize(("level", "seen"), [("debug", 4), ("INFO", 3), ("error", 1)])
def test_the_level_is_where_it_begins(level: str, seen: int, logged: Logged) -> None:
    logs.set_up(level, "json")
    for tell in (log.debug, log.info, log.warning, log.error):
        tell("one")
    assert len(logged()) == seen


@pytest.mark.parametrize(
    ("form", "terminal", "is_json"),
    [("auto", False, True), ("auto", True, False), ("json", True, True), ("text", False, False)],
)
def test_people_read_text_and_programs_json(
    form: str,
    terminal: bool,
    is_json: bool,
    logged: Logged,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    logs.set_up("info", form)
    try:
        raise ZeroDivisionError(MARK)
    except ZeroDivisionError:
        log.exception("request_failed")
    written = capsys.readouterr().err
    assert written.startswith("{") is is_json
    assert "request_failed" in written
    assert "ZeroDivisionError" in written
    assert MARK not in written


def test_a_database_error_is_logged_without_its_values(logged: Logged) -> None:

    engine = open_engine("sqlite://")
    with pytest.raises(RecordError), explained(), engine.begin() as connection:
        connection.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": MARK})
    (line,) = logged()
    assert (line["event"], line["code"]) == ("database_failed", "SQLITE_ERROR")
    assert MARK not in json.dumps(line)


def test_what_nobody_set_up_stays_silent() -> None:
    script = "from core.logs import log; log.error('bundle_refused')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert core.__version__ == project["version"]
