"""A reading, large: image, evidence, and what people make of it."""

import streamlit as st

from core.access.accounts import Account
from core.errors import RecordError
from core.prediction import Status
from core.records.readings import LoggedReading
from core.vision.decision import set_in_words
from pages.components.reading import heat_map, image, verdict
from pages.components.shared import cells, charts, evidence
from pages.components.shared.words import plain


def draw(reading: LoggedReading, account: Account) -> None:
    """Draws one reading with its evidence and the buttons to confirm or correct it."""
    said = reading.prediction
    try:
        own = None if reading.image_deleted_at else image.bytes_of(reading, account)
    except RecordError as error:
        st.warning(plain(error), icon=":material/warning:")
        own = None
    _head(reading, own, account)
    evidence.seen(said.attributes)
    evidence.alike(said.reference_cells, said.bundle, said.profile, own or reading.thumbnail)
    if said.status != Status.REJECTED:  # what is no cell is no class more than another
        bars = charts.probability_bars(said.probabilities, height_px=196)
        charts.draw(bars, key="reading_probabilities")
    verdict.classes(reading, account)


def _head(reading: LoggedReading, own: bytes | None, account: Account) -> None:
    said = reading.prediction
    left, right = st.columns(2, gap="small", vertical_alignment="center", wrap=False)
    with left:
        heat = heat_map.large(reading, own)
    with right:
        cells.class_badge(said.label)
        likely = said.prediction_set or ()
        if len(likely) > 1:
            st.caption(f"May well be {set_in_words(likely)}.")
        _status(said.status)
    verdict.confirm(reading, account)
    if own:
        heat_map.controls(reading, heat)
    else:
        st.caption(image.why_gone(reading))
    verdict.failed()
    drawn = " A synthetic example, not a real cell." if reading.is_example else ""
    under = f", laboratory profile {plain(said.profile)}" if said.profile else ""
    st.caption(plain(said.reason))
    time = f"{said.milliseconds:.1f} ms, model {plain(said.bundle)}{under}."
    st.caption(f"{plain(said.cell.name)}, {time}{drawn}")


def _status(status: Status) -> None:
    match status:
        case Status.CONFIDENT:
            st.badge("Confident", icon=":material/check:", color="green")
        case Status.REVIEW:
            st.badge("Review", icon=":material/visibility:", color="orange")
        case Status.REFERRED:
            st.badge("Refer: suspected blast", icon=":material/priority_high:", color="red")
        case Status.REJECTED:
            st.badge(status.shown, icon=":material/block:", color="grey")
