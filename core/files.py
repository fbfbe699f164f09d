"""Files and folders that are whole or not there, whoever else writes them at the same moment.

A draft lies beside what it becomes, under a random name: a server's threads share one process id.
"""

import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE = 0o600  # for the eyes of the account that the program runs under
_PART = ".part"
_DEAD_AFTER_S = 24 * 3600  # no draft takes a day to write, so one that old was left by a kill
_swept: set[Path] = set()  # folders, by this process


@contextmanager
def replacing(path: Path, *, durable: bool = True, private: bool = False) -> Iterator[Path]:
    """A draft that takes the place of the file ``path`` when the block ends well.

    Args:
        durable: also when the power fails right afterwards; a cache can do without.
        private: nobody but this account may read it.

    Raises:
        OSError: it cannot be written; names ``path``, which is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep_once(path.parent)
    draft = _draft(path)
    try:
        with _told_of(path):
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL, PRIVATE if private else 0o666))
            yield draft
            if durable:
                _sync(draft)
            os.replace(draft, path)
            if durable:
                _sync(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def check_writable(folder: Path) -> None:
    """Returns if a file can be made in a folder, which is made where it is not there.

    Raises:
        OSError: it cannot.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draft = _draft(folder / "writable")
    draft.touch()
    draft.unlink()


def sweep(folder: Path) -> None:
    """Removes what kills left of drafts in a folder, if it is there."""
    for left in folder.glob(f".*{_PART}"):
        try:
            if time.time() - left.stat().st_mtime < _DEAD_AFTER_S:
                continue
        except FileNotFoundError:  # it became what it was a draft of
            continue
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes, *, durable: bool = True, private: bool = False) -> None:
    """Writes a file in place of an earlier one.

    Raises:
        OSError: it cannot be written; names ``path``, which is as it was.
    """
    with replacing(path, durable=durable, private=private) as draft:
        draft.write_bytes(data)


def write_text(path: Path, text: str, *, durable: bool = True, private: bool = False) -> None:
    """The same for text, in UTF-8."""
    write_bytes(path, text.encode(), durable=durable, private=private)


def write_first(path: Path, text: str, *, private: bool = False) -> str:
    """Writes a file unless there is one, and gives what it holds: of all who try, one counts.

    Raises:
        OSError: it can be neither written nor read.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(path)
        try:
            with _told_of(path):
                write_bytes(draft, text.encode(), private=private)
                os.link(draft, path)
        except FileExistsError:  # somebody was first
            pass
        finally:
            draft.unlink(missing_ok=True)
    return path.read_text(encoding="utf-8")


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """An empty draft folder that takes the place of the folder ``path`` when the block ends well.

    Of several who write it at once, the last one's stays, whole.

    Raises:
        OSError: it cannot be written; ``path`` is as it was.
    """
    with _draft_folder(path) as draft:
        yield draft
        gone = _draft(path)
        while True:
            try:
                draft.rename(path)
                break
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            try:
                path.rename(gone)
            except FileNotFoundError:  # another took the old one away, too
                continue
            shutil.rmtree(gone, ignore_errors=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """An empty draft folder that becomes the folder ``path`` when the block ends well.

    A block that removes the draft changes its mind.

    Raises:
        FileExistsError: there is such a folder by now; nothing is left of the draft.
        OSError: it cannot be written.
    """
    with _draft_folder(path) as draft:
        yield draft
        if not draft.exists():
            return
        try:
            draft.rename(path)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                raise FileExistsError(errno.EEXIST, "exists already", str(path)) from None
            raise


@contextmanager
def _draft_folder(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep_once(path.parent)
    draft = _draft(path)
    draft.mkdir()
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}{_PART}")


def _sweep_once(folder: Path) -> None:
    """Sweeps before the first draft of this process there: each look takes the whole folder."""
    if folder not in _swept:
        _swept.add(folder)
        sweep(folder)


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """Errors name the file that was asked for, not its draft; those of other files stay theirs."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        if error.filename is None or str(error.filename).endswith(_PART):
            error.filename, error.filename2 = str(path), None
        raise


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
