"""The table of training runs, and the words in which times and states are told."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from core.training.runs import Run, Status
from core.training.runs.timing import trained_s

MARKS = {
    Status.QUEUED: "○ queued",
    Status.RUNNING: "● running",
    Status.STOPPED: "■ stopped",
    Status.FAILED: "✕ failed",
    Status.FINISHED: "✓ finished",
}
ROW_PX = 35


def runs_table(runs: Sequence[Run]) -> list[Run]:
    """Draws the runs, newest first; gives those that were chosen, in the table's order."""
    table = pd.DataFrame([_row(run) for run in runs])
    event = st.dataframe(
        table,
        # Rows are chosen by number: with another list of runs the choice starts anew.
        key=f"training_runs_{hash(tuple(run.id for run in runs))}",
        on_select="rerun",
        selection_mode="multi-row",
        hide_index=True,
        height=min(len(runs) + 1, 8) * ROW_PX + 3,
        column_config={
            "Started (UTC)": st.column_config.DatetimeColumn(format="D MMM, HH:mm", width=95),
            "Network": st.column_config.TextColumn(width=165),
            "State": st.column_config.TextColumn(width=85),
            "Best": st.column_config.TextColumn(
                width=65, help="Highest accuracy on the validation images."
            ),
            "Epochs": st.column_config.TextColumn(width=70),
            "Time": st.column_config.TextColumn(width=65, help="Spent on training."),
        },
    )
    return [runs[row] for row in event.selection.rows]


def _row(run: Run) -> dict[str, object]:
    best = run.metrics.best
    return {
        "Started (UTC)": datetime.fromisoformat(run.state.created),
        "Network": f"{run.config.architecture}, {run.config.side_px} px",
        "State": mark(run),
        "Best": f"{best.validation_accuracy:.1%}" if best else "–",
        "Epochs": f"{len(run.metrics.epochs)} / {run.config.epochs}",
        "Time": duration(trained_s(run)),
    }


def mark(run: Run) -> str:
    """The state of a run, with its sign."""
    return "◐ stopping" if run.is_stopping else MARKS[run.status]


def duration(seconds: float) -> str:
    """A length of time as people say it: "40 s", "12 min", "3 h 05 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
