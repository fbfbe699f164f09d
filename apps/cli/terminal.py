"""What the command line writes to the terminal and to files."""

import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from core.files import write_text
from core.records.schema import migrate
from core.records.store import Store
from core.settings import settings


def writable(path: Path | None) -> Path | None:
    """The path, if a file can be written there: asked before the work that the file is of.

    Raises:
        OSError: why it cannot.
    """
    if path is None:
        return None
    if not path.parent.is_dir():  # a slip of the pen should not make a folder
        raise FileNotFoundError(errno.ENOENT, "its folder is not there", str(path))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder; name a file in it", str(path))
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(errno.EACCES, "its folder cannot be written to", str(path))
    return path


Json = Annotated[
    Path | None,
    typer.Option("--json", help="Write the result to this file too.", callback=writable),
]


def open_store() -> Store:
    """The database in force, brought to the newest schema."""
    settings().state_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings().database)
    return Store(settings().database)


def tell(line: str, *, wrong: bool = False) -> None:
    """Prints one line; what a file's name may do to a terminal is spelt out, such as an escape.

    Args:
        wrong: it goes to standard error.
    """
    print("".join(map(_visible, line)), file=sys.stderr if wrong else sys.stdout)


def _visible(sign: str) -> str:
    return sign if sign.isprintable() else sign.encode("unicode_escape").decode()


class ProgressLine:
    """Progress on one line of standard error, only where a person watches."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._watched = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        """Shows that ``done`` of ``total`` are through."""
        if self._watched:
            end = "\n" if done >= total else ""
            print(f"\r{self._what}: {done} of {total}", end=end, file=sys.stderr, flush=True)


def write_json(path: Path | None, value: Any) -> None:
    """Writes ``value``, whole or not at all; nothing where no path was given."""
    if path is not None:
        write_file(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_file(path: Path, text: str) -> None:
    """Writes a file, whole or not at all.

    Raises:
        OSError: why it cannot be written, as ``writable`` says.
    """
    writable(path)
    write_text(path, text)


def refuse(run: Callable[[], Any], error_class: type[Exception]) -> None:
    """Runs the program; an ``error_class`` or a file error ends it with one line and code 2."""
    try:
        run()
    except error_class as error:
        tell(f"Error: {error}", wrong=True)
        sys.exit(2)
    except OSError as error:
        tell(f"Error: {error.filename or ''}: {error.strerror or error}", wrong=True)
        sys.exit(2)
