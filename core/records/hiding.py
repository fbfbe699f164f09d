"""Files that a transaction deletes: hidden at once, gone when it is committed, back when it is not.

What a crash leaves hidden is decided by ``retention``: who asks the database knows.
"""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session

from core.logs import log

_HIDDEN = ".deleted"


def hide(session: Session, found: Sequence[Path]) -> None:
    """Hides files; those that are not there are passed over.

    Raises:
        OSError: one cannot be; the others come back with the rollback that must follow.
    """
    hidden: list[Path] = []
    event.listen(session, "after_commit", lambda _: _each(hidden, Path.unlink))
    event.listen(session, "after_rollback", lambda _: _each(hidden, uncover))
    for file in found:
        try:
            hidden.append(file.rename(file.with_name(_hidden_name(file.name))))
        except FileNotFoundError:
            continue


def is_hidden(file: Path) -> bool:
    """Whether a transaction hid this file."""
    return file.name.endswith(_HIDDEN)


def uncovered(hidden: Path) -> Path:
    """The file that was hidden, where it stood."""
    return hidden.with_name(hidden.name.split(".")[1])


def uncover(hidden: Path) -> None:
    """Puts a file back where it stood."""
    hidden.replace(uncovered(hidden))


def _hidden_name(name: str) -> str:
    # Drawn, so that two deletions one after the other never take each other's file.
    return f".{name}.{secrets.token_hex(8)}{_HIDDEN}"


def _each(hidden: list[Path], end: Callable[[Path], object]) -> None:
    while hidden:
        try:
            end(hidden.pop())
        except FileNotFoundError:  # retention came first
            continue
        except OSError as error:  # it stays hidden until the next retention
            log.error("image_stays_hidden", exc_info=error)
