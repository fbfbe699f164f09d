"""The files that Gradio writes for each upload: whose they are, and that they do not stay."""

import time
from contextlib import suppress
from pathlib import Path
from threading import Lock

from core.errors import ImageRefusedError

KEPT_S = 300  # an upload that nobody asks about; the others are gone once they are read


class Uploads:
    """Gives each file to whoever uploaded it, once; safe to share by threads.

    Gradio names a file by its content, so two people with the same image share one file: it
    is deleted when the last of them has read it.

    Args:
        folder: where Gradio writes; nothing else is in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()
        self._owners: dict[str, list[str]] = {}

    def add(self, path: str, username: str) -> None:
        """Notes who uploaded a file."""
        with self._lock:
            self._owners.setdefault(path, []).append(username)

    def belongs(self, path: str, username: str) -> bool:
        """Whether this person uploaded this file, and it was not read yet."""
        with self._lock:
            return username in self._owners.get(path, [])

    def take(self, path: str, username: str) -> bytes:
        """The bytes of a file, as they were uploaded; the file is deleted.

        Raises:
            ImageRefusedError: this person uploaded no such file, or it is gone.
        """
        with self._lock:
            owners = self._owners.get(path, [])
            try:
                owners.remove(username)
                data = Path(path).read_bytes()
            except (ValueError, OSError):
                raise ImageRefusedError("The upload is gone. Choose the image again.") from None
            if not owners:
                self._delete(path)
            return data

    def sweep(self, older_than_s: float = KEPT_S) -> None:
        """Deletes what nobody asked about, whole or broken off."""
        before = time.time() - older_than_s
        for file in self.folder.rglob("*"):
            # Gradio may be moving it at this moment, and it comes round again.
            with self._lock, suppress(FileNotFoundError):
                if file.is_file() and file.stat().st_mtime <= before:
                    self._delete(str(file))

    def _delete(self, path: str) -> None:
        self._owners.pop(path, None)
        Path(path).unlink(missing_ok=True)
