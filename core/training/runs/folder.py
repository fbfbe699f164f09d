"""A run as a folder: made in one step, read as one object."""

import itertools
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import InvalidConfigError, RunError
from core.training.config import TrainConfig
from core.training.runs.metrics_log import Metrics, read_metrics
from core.training.runs.state import (
    RunState,
    Status,
    cannot_write,
    read_state,
    write,
    write_state,
)
from core.vision.bundle import CARD, OF_RUN

CONFIG_FILE = "config.json"
STOP_FILE = "stop"

_read: dict[Path, Metrics] = {}  # a run that is watched is not read from its start each time


@dataclass(frozen=True, eq=False)
class Run:
    """One run as it stood when it was read."""

    folder: Path
    state: RunState
    config: TrainConfig
    metrics: Metrics
    is_stopping: bool

    @property
    def id(self) -> str:
        """Its name, unique among the runs."""
        return self.folder.name

    @property
    def status(self) -> Status:
        """Its place in its life."""
        return self.state.status

    @property
    def is_measured(self) -> bool:
        """Whether its best epoch was exported and has answered the held-back images."""
        return (self.folder / OF_RUN / CARD).is_file()

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes unless somebody resumes it."""
        return self.status not in (Status.QUEUED, Status.RUNNING)


def create(config: TrainConfig, runs_dir: Path, by: str) -> Path:
    """A new folder with a queued run; hold ``queue_lock`` around it.

    Raises:
        RunError: the disk is full or ``runs_dir`` cannot be written.
    """
    now = datetime.now(UTC)
    name = f"{now:%Y%m%d-%H%M%S}-{config.architecture}"
    names = itertools.chain([name], (f"{name}-{n}" for n in itertools.count(2)))
    folder = next(f for f in map(runs_dir.joinpath, names) if not f.exists())
    try:
        draft = Path(tempfile.mkdtemp(prefix=".new-", dir=runs_dir))
    except OSError as error:
        raise cannot_write(runs_dir, error) from error
    try:
        write(draft / CONFIG_FILE, config.to_json())
        created = now.isoformat()
        write_state(draft, RunState(Status.QUEUED, created=created, queued=created, by=by))
        return draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def load(folder: Path) -> Run:
    """The run in ``folder``.

    Raises:
        RunError: its state or its settings cannot be read.
    """
    state = read_state(folder)
    try:
        config = TrainConfig.from_json((folder / CONFIG_FILE).read_text())
    except (OSError, ValueError, TypeError, InvalidConfigError) as error:
        raise RunError(f"The settings of run {folder.name} cannot be read: {error}") from error
    _read[folder] = metrics = read_metrics(folder, _read.get(folder))
    is_stopping = state.status == Status.RUNNING and (folder / STOP_FILE).exists()
    return Run(folder, state, config, metrics, is_stopping)
