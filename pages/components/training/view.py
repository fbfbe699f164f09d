"""One run from near: how far it is, its curves beside those of others, what to do with it."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.errors import BloodCellsError
from core.training import runs
from core.training.runs import Run, Status
from core.training.runs.folder import LOG_FILE
from core.training.runs.timing import left_s
from pages.components.shared import charts, resources
from pages.components.shared.words import plain
from pages.components.shell import guard
from pages.components.training import actions as run_actions
from pages.components.training.curves import accuracy_curves, loss_curves
from pages.components.training.table import duration, mark

TICK_S = 1.0
LOG_LINES = 25
CURVES_TO_COME = "The curves begin with the first batches."
NO_CURVES = "No curves: it ended before the first batches."
LOG_BYTES = 20_000


def watch(run_ids: Sequence[str], *, alive: bool) -> None:
    """Draws the runs and, while one is alive, draws them again every second."""
    st.fragment(run_every=TICK_S if alive else None)(_watch)(list(run_ids))


def _watch(run_ids: list[str]) -> None:
    account = guard.require()  # a fragment runs without its page
    try:
        resources.queue().sweep()
        chosen = [runs.find_run(run_id, resources.queue()) for run_id in run_ids]
    except BloodCellsError as error:
        st.error(plain(error))
        return
    _refresh_page_on_change()
    head, actions = st.columns([7, 5], vertical_alignment="center")
    head.markdown(f"#### {plain(chosen[0].id)}")
    with actions:
        run_actions.draw(chosen[0], account)
    _facts(chosen[0])
    if chosen[0].is_measured:
        run_actions.evaluation_link(chosen[0].id)
    _progress(chosen[0])
    _curves(chosen)
    _log(chosen[0].folder / LOG_FILE)


def _refresh_page_on_change() -> None:
    """The table stands outside of what is drawn each second; a new epoch or state redraws it."""
    seen = [
        (r.id, r.status, r.state.message, r.is_stopping, len(r.metrics.epochs))
        for r in runs.list_runs(resources.queue())
    ]
    if st.session_state.setdefault("training_seen", seen) != seen:
        st.session_state["training_seen"] = seen
        st.rerun()


def _facts(run: Run) -> None:
    if run.state.message:
        tell = st.error if run.status == Status.FAILED else st.info
        tell(plain(run.state.message))
    start = run.metrics.start
    facts = [mark(run)]
    if start is not None:
        if run.config.pretrained and start.pretrained.startswith("from scratch"):
            st.warning("Trains from scratch: this network's ImageNet weights are out of reach.")
        facts += [
            f"weights: {plain(start.pretrained)}",
            f"device {start.device}, {start.precision}",
            f"{start.images['train']:,} training, {start.images['validation']:,} validation images",
        ]
    st.caption(" · ".join([*facts, f"{run.config.side_px} px", f"by {plain(run.state.by)}"]))


def _progress(run: Run) -> None:
    if run.status == Status.QUEUED:
        st.info("Waits for the run before it. It begins by itself, also when this page is closed.")
        return
    if run.status != Status.RUNNING:
        return
    metrics, batch = run.metrics, run.metrics.batch
    if metrics.measuring is not None:
        told = metrics.measuring
        text = f"Measuring the best epoch: {told.answered:,} of {told.total:,} held-back images"
        st.progress(min(told.answered / max(told.total, 1), 1.0), text)
        return
    if metrics.start is None:
        st.progress(0.0, plain(run.state.doing) or "Preparing the images")
        return
    left = left_s(run)
    time_left = (
        "time left known after the first batch" if left is None else f"{duration(left)} left"
    )
    whole = len(metrics.epochs)
    within = batch.batch / batch.batches if batch else 0.0
    share = min((whole + within) / run.config.epochs, 1.0)
    epochs, batches = st.columns(2)
    epochs.progress(
        share, f"Epoch {min(whole + 1, run.config.epochs)} of {run.config.epochs}, {time_left}"
    )
    if batch is None:
        batches.progress(0.0, "Validating" if whole else "The first batch is next")
    else:
        speed = f"{batch.images_per_second:.0f} images/s, loss {batch.loss:.3f}"
        batches.progress(within, f"Batch {batch.batch} of {batch.batches}, {speed}")


def _curves(chosen: Sequence[Run]) -> None:
    if not any(run.metrics.epochs or run.metrics.losses for run in chosen):
        st.caption(NO_CURVES if all(run.is_over for run in chosen) else CURVES_TO_COME)
        return
    loss, accuracy = st.columns(2)
    with loss:
        charts.draw(loss_curves(chosen), key="training_loss")
    with accuracy:
        charts.draw(accuracy_curves(chosen), key="training_accuracy")
    if len(chosen) > 1:
        st.caption("Full line: validation. Dotted line: training. Star: best epoch.")


def _log(path: Path) -> None:
    with st.expander("Log", icon=":material/notes:"):
        if not path.exists():
            st.caption("Nothing was written yet.")
            return
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
        st.code("\n".join(lines[-LOG_LINES:]), language=None)
