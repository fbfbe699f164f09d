"""One run as a process of its own: ``python -m core.training RUN_DIR``.

Goes on from the last whole epoch where RUN_DIR holds a checkpoint. A file named ``stop``
in RUN_DIR asks it to stop after the batch.
"""

import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from core import logs
from core.errors import BloodCellsError
from core.settings import settings
from core.training.config import TrainConfig
from core.training.loop.checkpoint import BEST
from core.training.loop.data import training_data
from core.training.loop.events import BatchDone, Event, Finished, Measuring
from core.training.loop.fit import fit
from core.training.packaging.export import export_best
from core.training.runs.queue import at_work
from core.vision.bundle import WEIGHTS, find_bundle

SECONDS_BETWEEN_LINES = 1.0


class MetricsWriter:
    """Appends one JSON line an event; of batches and measured images at most one a second."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1, encoding="utf-8")
        if path.stat().st_size:
            self._file.write("\n")  # ends a line that a kill may have torn
        self._last = 0.0

    def write(self, event: Event) -> None:
        """Writes the event, unless it is one of very many and too soon after the last."""
        now = time.monotonic()
        if isinstance(event, Measuring) or (
            isinstance(event, BatchDone) and event.batch < event.batches
        ):
            if now - self._last < SECONDS_BETWEEN_LINES:
                return
            self._last = now
        self.write_line(event.to_dict())

    def write_line(self, line: dict[str, Any]) -> None:
        """Writes any JSON object as a line."""
        self._file.write(json.dumps(line) + "\n")


def train(run_dir: Path) -> str:
    """Trains what ``config.json`` asks for, then exports and measures the best epoch.

    Returns:
        The reason for which it ended.
    """
    config = TrainConfig.from_json((run_dir / "config.json").read_text(encoding="utf-8"))
    stop = run_dir / "stop"
    metrics = MetricsWriter(run_dir / "metrics.jsonl")
    try:
        weights = find_bundle(config.start, settings()).folder / WEIGHTS if config.start else None
        catalogue, data = training_data(config, settings().cache_dir, _log_progress)
        print(f"{len(catalogue.images)} images, fingerprint {catalogue.fingerprint}", flush=True)
        reason = ""
        for event in fit(config, data, run_dir / "checkpoint.ckpt", stop.exists, weights):
            if isinstance(event, Finished) and (run_dir / BEST).is_file():
                # Told as finished only afterwards, so that a kill on the way can be resumed.
                export_best(run_dir, settings(), lambda *told: metrics.write(Measuring(*told)))
            metrics.write(event)
            if not isinstance(event, BatchDone):
                print(event, flush=True)
            reason = getattr(event, "reason", reason)
        return reason
    except (BloodCellsError, OSError) as error:
        metrics.write_line({"event": "error", "message": str(error)})
        raise


def _log_progress(done: int, total: int) -> None:
    if done == total or done % 1000 == 0:
        print(f"images prepared: {done} of {total}", flush=True)


def main() -> int:
    """Exit code 0 when done or stopped, 2 on what a user can mend, 1 otherwise."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    try:
        run_dir = Path(sys.argv[1]).resolve()
        logs.set_up(settings().log_level, settings().log_format)
        with logs.running("training"), at_work(run_dir):
            train(run_dir)
    except BloodCellsError as error:
        print(f"Error: {error}", flush=True)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
