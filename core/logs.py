"""One log a process: a line an event, with the time in UTC, the request's id and the account's.

    logs.set_up("info", "auto")           # once a process
    log.warning("bundle_refused", bundle=name)

A line never holds what a user sent or is called: events are codes with ids and numbers; of an error
it tells the classes and where they were raised, not the messages; of a library's line the text as
it stands in its source. Until ``set_up`` nothing is written.
"""

import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from core import __version__

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("bloodcells")
_own = logging.getLogger("bloodcells")
_own.addHandler(logging.NullHandler())  # else Python itself would write what nobody set up


class _ToStandardError(logging.Handler):
    """Writes a line to what is standard error at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line."""
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:  # a full disk or a closed pipe must not end what is logged about
            self.handleError(record)


def set_up(level: str, form: str) -> None:
    """Writes events of ``level`` and above, and libraries' warnings, to standard error from now on.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        form: ``json``, ``text``, or ``auto``: text on a terminal, else JSON.
    """
    handler = _ToStandardError()
    handler.setFormatter(_formatter(form, on_terminal=sys.stderr.isatty()))
    root = logging.getLogger()
    for former in [one for one in root.handlers if isinstance(one, _ToStandardError)]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
    _own.setLevel(level.upper())


def begin(**facts: Any) -> None:
    """Forgets what was bound in this thread or task, and binds ``facts`` instead."""
    structlog.contextvars.clear_contextvars()
    bind(**facts)


def bind(**facts: Any) -> None:
    """Adds ``facts``, such as ``account_id``, to each later line of this thread or task."""
    structlog.contextvars.bind_contextvars(**facts)


@contextmanager
def running(process: str) -> Iterator[None]:
    """Tells the start of a process, with the version, and its end."""
    log.info("started", process=process, version=__version__)
    try:
        yield
    finally:
        log.info("stopped", process=process, version=__version__)


def _formatter(form: str, *, on_terminal: bool) -> logging.Formatter:
    as_text = form == "text" or (form == "auto" and on_terminal)
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if as_text:
        renderer = structlog.dev.ConsoleRenderer(
            colors=on_terminal,
            timestamp_key="time",
            exception_formatter=structlog.dev.plain_traceback,
        )
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_as_in_source, structlog.stdlib.add_logger_name, *_facts()],
        processors=[remove, renderer],
    )


def _facts() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _without_messages,
    ]


def _as_in_source(_: Any, __: str, event: EventDict) -> EventDict:
    """A library's line before values went in, and its first line where it was put together."""
    said = event["_record"].msg
    event["event"] = said.partition("\n")[0] if isinstance(said, str) else _kind(said)
    return event


def _without_messages(_: Any, __: str, event: EventDict) -> EventDict:
    """The traceback without the messages, which may name a file or a person."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if error:
        event["exception"] = "\n".join(_trace(error))
    return event


def _trace(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    inside = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for other in filter(None, (before, *inside)):
        yield from _trace(other)
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        yield f"  {code.co_filename}:{line} {code.co_qualname}"
    yield _kind(error)


def _kind(value: object) -> str:
    """The class; of what the system refused also the reason, which is the system's own words."""
    kind = type(value).__qualname__
    number = value.errno if isinstance(value, OSError) else None
    return kind if number is None else f"{kind}: {os.strerror(number)}"


structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_facts(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
