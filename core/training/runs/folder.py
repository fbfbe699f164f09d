"""A run as a folder: made in one step, read as one object."""

import itertools
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import InvalidConfigError, RunError
from core.files import new_folder, write_text
from core.jobs import Job
from core.training.config import TrainConfig
from core.training.runs.metrics_log import Metrics, read_metrics
from core.training.runs.state import RunState, Status, read_state
from core.vision.bundle import CARD, OF_RUN

CONFIG_FILE = "config.json"
LOG_FILE = "log.txt"
_HIDDEN = ".deleted-"

_read: dict[Path, Metrics] = {}  # a run that is watched is not read from its start each time


@dataclass(frozen=True, eq=False)
class Run:
    """One run as it stood when it was read."""

    folder: Path
    state: RunState
    config: TrainConfig
    metrics: Metrics

    @property
    def id(self) -> str:
        """Its name, unique among the runs."""
        return self.folder.name

    @property
    def status(self) -> Status:
        """Its place in its life."""
        return self.state.status

    @property
    def is_stopping(self) -> bool:
        """Whether it still runs although a stop was asked for."""
        return self.state.is_stopping

    @property
    def is_measured(self) -> bool:
        """Whether its best epoch was exported and has predicted the held-back images."""
        return (self.folder / OF_RUN / CARD).is_file()

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes unless somebody resumes it."""
        return self.status not in (Status.QUEUED, Status.RUNNING)


def create(config: TrainConfig, runs_dir: Path) -> Path:
    """A new folder for a run; of two made in one moment each gets a name of its own.

    Raises:
        RunError: the disk is full or ``runs_dir`` cannot be written.
    """
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{config.architecture}"
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    try:
        runs_dir.mkdir(parents=True, exist_ok=True)
        while True:
            folder = runs_dir / next(names)
            with suppress(FileExistsError), new_folder(folder) as draft:
                write_text(draft / CONFIG_FILE, config.to_json())
                return folder
    except OSError as error:
        raise cannot_write(runs_dir, error) from error


def load(folder: Path, jobs: Sequence[Job]) -> Run:
    """The run in ``folder``, whose jobs these are, oldest first.

    Raises:
        RunError: it cannot be read, or was deleted this moment.
    """
    try:
        config = TrainConfig.from_json((folder / CONFIG_FILE).read_text())
        _read[folder] = metrics = read_metrics(folder, _read.get(folder))
        state = read_state(folder, jobs, len(metrics.epochs))
    except (OSError, ValueError, TypeError, InvalidConfigError) as error:
        raise RunError(
            f"Run {folder.name} cannot be read ({error}). Delete its folder {folder}."
        ) from error
    return Run(folder, state, config, metrics)


def hide(folder: Path) -> None:
    """Takes a run out of the list, in one step; ``clear_hidden`` deletes it.

    Raises:
        RunError: the folder cannot be written.
    """
    try:
        folder.rename(folder.with_name(f"{_HIDDEN}{folder.name}"))
    except OSError as error:
        raise cannot_write(folder, error) from error


def clear_hidden(runs_dir: Path) -> None:
    """Deletes the runs that are hidden, those that a kill left of earlier deletions, too."""
    for folder in runs_dir.glob(f"{_HIDDEN}*"):
        shutil.rmtree(folder, ignore_errors=True)


def cannot_write(path: Path, error: OSError) -> RunError:
    """The error that says what keeps ``path`` from being written, and how to mend it."""
    return RunError(
        f"Cannot write {path}: {error.strerror}. Free some space or make the folder writable, "
        "or set BLOODCELLS_STATE_DIR to another folder; what was trained so far is kept."
    )
