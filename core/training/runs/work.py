"""The work of one run: trains on from its last whole epoch, then exports and measures the best."""

import json
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import BloodCellsError
from core.settings import settings
from core.training.config import TrainConfig
from core.training.loop.checkpoint import BEST
from core.training.loop.data import training_data
from core.training.loop.events import BatchDone, Event, Finished, Measuring
from core.training.loop.fit import fit
from core.training.packaging.export import export_best
from core.training.packaging.learnt import Learnt
from core.training.runs.folder import CONFIG_FILE, LOG_FILE
from core.training.runs.metrics_log import METRICS_FILE, note_launch, read_metrics
from core.training.runs.same_data import CHECKPOINT_FILE, require_same_data
from core.training.runs.starts import starts_of
from core.vision.bundle import WEIGHTS
from core.work import Context, WorkStopped

SECONDS_BETWEEN_LINES = 1.0

Say = Callable[[object], None]


class MetricsWriter:
    """Appends one JSON line an event; of batches and measured images at most one a second."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1, encoding="utf-8")
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


def work(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """Trains the run that is asked for; gives the reason for which it ended.

    Raises:
        WorkStopped: a stop was asked for; the last whole epoch is kept.
    """
    run_dir = settings().runs_dir / request["run"]
    told = read_metrics(run_dir).finish
    if told in ("done", "early stop"):  # and then its process died before anybody knew
        return {"reason": told}
    note_launch(run_dir)
    metrics = MetricsWriter(run_dir / METRICS_FILE)
    with (run_dir / LOG_FILE).open("a", buffering=1, encoding="utf-8") as log:

        def say(line: object) -> None:
            print(line, flush=True)
            print(line, file=log)

        try:
            reason = _train(run_dir, metrics, context, say)
        except (BloodCellsError, OSError) as error:
            metrics.write_line({"event": "error", "message": str(error)})
            raise
        except WorkStopped:
            raise
        except Exception:
            traceback.print_exc(file=log)
            raise
    if reason == "stopped":
        raise WorkStopped
    return {"reason": reason}


def _train(run_dir: Path, metrics: MetricsWriter, context: Context, say: Say) -> str:
    """Trains what ``config.json`` asks for, then exports and measures the best epoch.

    Returns:
        The reason for which it ended.
    """
    config = TrainConfig.from_json((run_dir / CONFIG_FILE).read_text(encoding="utf-8"))
    parents = starts_of(config, settings())
    start = parents[0] if parents else None

    def prepared(what: str, done: int, total: int) -> None:
        context.step(0.0, f"Images {what}: {done:,} of {total:,}")
        say(f"images {what}: {done} of {total}")

    def measured(predicted: int, total: int) -> None:
        # No place to stop: a run that was stopped gets its model, too.
        context.tell(1.0, f"Measuring the best epoch: {predicted:,} of {total:,} images")
        metrics.write(Measuring(predicted, total))

    admit = partial(require_same_data, run_dir)
    catalogue, data = training_data(config, settings().cache_dir, prepared, admit)
    learnt = Learnt(config, catalogue, data, tuple(parent.card for parent in parents))
    say(f"{len(catalogue.images)} images, fingerprint {catalogue.fingerprint}")
    reason = ""
    events = fit(
        config,
        data,
        run_dir / CHECKPOINT_FILE,
        context.stop_asked,
        start.folder / WEIGHTS if start else None,
        (*start.card.classes, *start.card.outside) if start else (),
    )
    for event in events:
        if isinstance(event, Finished) and (run_dir / BEST).is_file():
            # Told as finished only afterwards, so that a kill on the way can be resumed.
            export_best(run_dir, learnt, settings(), measured)
        metrics.write(event)
        if isinstance(event, BatchDone):
            done = event.epoch - 1 + event.batch / event.batches
            context.tell(done / config.epochs, f"Epoch {event.epoch} of {config.epochs}")
        else:
            say(event)
        reason = getattr(event, "reason", reason)
    return reason
