"""The folders of jobs: what a job needs beside its row, for this account's eyes alone.

Patients' images lie in them, so none may stay when its job has ended.
"""

import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from core.errors import JobError
from core.files import new_folder

_PRIVATE = 0o700
_LEFT_BEHIND_AFTER_S = 600  # between the making of a folder and its row lie moments


class Folders:
    """One folder a job, named by its id, in ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def of(self, job_id: str) -> Path:
        """The folder of that job."""
        return self.root / job_id

    def make(self, job_id: str, files: Iterable[tuple[str, bytes]]) -> None:
        """Makes a job's folder with these files, by path inside it.

        Raises:
            JobError: it cannot be written; nothing is left of it.
        """
        try:
            self.root.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            with new_folder(self.of(job_id)) as draft:
                draft.chmod(_PRIVATE)
                for name, data in files:
                    target = draft / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(data)
        except OSError as error:
            raise JobError(
                f"Cannot write {self.root}: {error.strerror}. Free some space or make the folder "
                "writable, or set BLOODCELLS_STATE_DIR to another folder."
            ) from error

    def remove(self, job_id: str) -> None:
        """Deletes a job's folder with all that lies in it."""
        shutil.rmtree(self.of(job_id), ignore_errors=True)

    def found(self) -> list[str]:
        """The ids of the jobs that have a folder."""
        if not self.root.is_dir():
            return []
        return [path.name for path in self.root.iterdir() if not path.name.startswith(".")]

    def sweep_drafts(self) -> None:
        """Deletes what a kill left of folders in the making."""
        for draft in self.root.glob(".*"):
            if self.is_left_behind(draft.name):
                shutil.rmtree(draft, ignore_errors=True)

    def is_left_behind(self, name: str) -> bool:
        """Whether a folder without a job is too old to be one whose row is just being written."""
        try:
            return time.time() - (self.root / name).stat().st_mtime > _LEFT_BEHIND_AFTER_S
        except FileNotFoundError:
            return False
