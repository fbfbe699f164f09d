"""Runs that tests begin, or find as they were left."""

import json
from pathlib import Path

from core.jobs import Queue
from core.settings import Settings
from core.training import runs
from core.training.config import TrainConfig
from core.training.runs.state import Status

CONFIG = TrainConfig(data_dir="cells", epochs=3)


def start(queue: Queue) -> runs.Run:
    """Begins a run at the command line."""
    return runs.start(CONFIG, queue, None)


def statuses(queue: Queue) -> dict[str, Status]:
    """Where each run stands."""
    return {run.id: run.status for run in runs.list_runs(queue)}


def older(settings: Settings, **state: object) -> Path:
    """A run as it was before there were jobs."""
    folder = settings.runs_dir / "older"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(CONFIG.to_json())
    known = {"created": "2026-01-01T00:00:00+00:00", "by": "ada", "message": "", **state}
    (folder / "state.json").write_text(json.dumps(known))
    return folder
