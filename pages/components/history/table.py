"""The history's readings: the table, and one reading as it was shown."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from core.access.accounts import Account
from core.access.permissions import Action, may
from core.records.readings import LoggedReading, PersonLabel
from core.records.spreadsheet import defused
from core.taxonomy import KEYS
from pages.components.history import deletion
from pages.components.predict import sheets
from pages.components.reading import heat_map, view
from pages.components.shared import cells, charts, resources

ROW_PX = 44
_COLOURS = {charts.class_name(key): charts.colour(key) for key in KEYS}


def picked_of(readings: Sequence[LoggedReading]) -> LoggedReading | None:
    """The reading whose row is chosen; known before the table is drawn beside it."""
    state = st.session_state.get(_key(readings))
    rows = state["selection"]["rows"] if state else []
    return readings[rows[0]] if rows else None


def _key(readings: Sequence[LoggedReading]) -> str:
    """One a page of readings, so that a choice does not slip to the next page's row."""
    return f"readings {[reading.id for reading in readings]}"


def table(readings: Sequence[LoggedReading], names: bool) -> None:
    """Draws one page of readings, one row of which may be chosen."""
    frame = pd.DataFrame([_row(reading) for reading in readings])
    if not names:
        frame = frame.drop(columns="Person")
    st.dataframe(
        frame.style.map(_class_colour, subset=["Prediction", "Label"]),
        hide_index=True,
        row_height=ROW_PX,
        height=ROW_PX * min(len(frame), 12) + 40,
        on_select="rerun",
        selection_mode="single-row",
        key=_key(readings),
        column_config={
            "Cell": st.column_config.ImageColumn("Cell", width=56),
            "Time (UTC)": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
            "Confidence": st.column_config.NumberColumn(format="%.1f%%"),
        },
    )


def _row(reading: LoggedReading) -> dict[str, object]:
    prediction = reading.prediction
    return {
        "Cell": _data_url(reading.thumbnail),
        "Time (UTC)": reading.at,
        "Prediction": charts.class_name(prediction.label),
        "Confidence": 100 * prediction.confidence,
        "Status": prediction.status.shown,
        "Label": charts.class_name(reading.person_label) if reading.person_label else "",
        "Person": reading.by or "",
        "Image": defused(prediction.cell.name),  # the table can be downloaded as CSV
        "Model": prediction.bundle,
    }


def _class_colour(name: Any) -> str:
    return f"color: {_COLOURS[name]}" if name in _COLOURS else ""


def _data_url(image: bytes | None) -> str | None:
    return f"data:image/jpeg;base64,{base64.b64encode(image).decode()}" if image else None


def opened(reading: LoggedReading, account: Account) -> None:
    """Draws one reading to be judged, all labels given since, and where it comes from."""
    with st.container(border=True, gap="small"):
        view.draw(reading, account)
        heat_map.shown_before(reading, resources.store())
        _labels(reading.labels)
        _origin(reading)
        if may(account.role, Action.DELETE_IMAGE) and not reading.image_deleted_at:
            deletion.offer(reading, account)


def _labels(labels: Sequence[PersonLabel]) -> None:
    st.caption("Labels by people" if labels else "No person has looked at this reading yet.")
    for given in labels:
        with st.container(horizontal=True, vertical_alignment="center"):
            cells.class_badge(given.label)
            undone = f", undone {_when(given.undone_at)}" if given.undone_at else ""
            st.text(f"{_when(given.at)}{f' by {given.by}' if given.by else ''}{undone}")


def _origin(reading: LoggedReading) -> None:
    prediction = reading.prediction
    lines = {
        "Image": prediction.cell.name,
        "SHA-256": prediction.cell.image,
        "Pixel size": f"{reading.um_per_px:.4g} µm" if reading.um_per_px else "not known",
        "Model": _exactly(prediction.bundle, prediction.bundle_hash),
        "Laboratory profile": _exactly(prediction.profile or "none", prediction.profile_hash),
        "Asked through": f"{reading.source}{f', by {reading.by}' if reading.by else ''}",
        "Time taken": f"{prediction.milliseconds:.1f} ms",
        "Reading": f"{reading.id}, {_when(reading.at)} UTC",
    }
    with st.expander("Where it comes from"):
        st.text("\n".join(f"{name}: {value}" for name, value in lines.items()))
    if reading.sheet_id:
        sheets.open_button(reading.sheet_id, f"Sheet {reading.sheet_id}")


def _exactly(name: str, digest: str | None) -> str:
    return f"{name}, SHA-256 {digest[:12]}" if digest else name


def _when(at: datetime) -> str:
    return f"{at:%-d %b %Y, %H:%M}"
