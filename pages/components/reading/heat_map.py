"""Which part of an image made the network say a class: drawn over it when somebody asks."""

import io

import streamlit as st
from PIL import Image

from core.analysis.heat_map import HeatMaps
from core.analysis.heat_paint import painted
from core.errors import BloodCellsError, RecordError
from core.images import decode
from core.prediction import Status
from core.records import heat_maps
from core.records.heat_maps import ShownHeatMap
from core.records.readings import LoggedReading
from core.records.store import Store
from core.settings import settings
from core.taxonomy import ABNORMAL_KEYS, kind
from core.vision.bundle import find_bundle
from pages.components.shared import cells, resources
from pages.components.shared.seen import as_seen
from pages.components.shared.words import plain

ON = "reading_heat_on"
KEPT = "reading_heat_kept"
SMALL_PX = 112
NOT_THE_SUSPICION = " This map explains the class, not the suspicion of an abnormal cell."


def large(reading: LoggedReading, image: bytes | None) -> ShownHeatMap | None:
    """Draws the large image of a reading, under its heat map where that is asked for.

    Args:
        image: its bytes; None where they are not kept, then the thumbnail stands for it.
    """
    name = reading.prediction.cell.name
    if image is None:
        if reading.thumbnail:
            st.image(cells.large(reading.thumbnail), width="stretch", alt=name)
        return None
    heat = _asked(reading, image) if _possible(reading) and st.session_state.get(ON) else None
    drawn = cells.large(image)
    if heat is None:
        st.image(drawn, width="stretch", alt=name)
    else:
        st.image(_over(drawn, heat.image), width="stretch", alt=f"Heat map over {name}")
    return heat


def controls(reading: LoggedReading, heat: ShownHeatMap | None) -> None:
    """Draws the button to show the heat map or to hide it, and what the one shown means."""
    if not _possible(reading):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.button(
            "Hide heat map" if st.session_state.get(ON) else "Heat map",
            key="reading_heat",
            icon=":material/thermostat:",
            help="Shows which part of the image made the network say this.",
            shortcut="H",
            on_click=_switch,
        )
        if heat and len(_classes(reading)) > 1:
            _choice(reading)
    if heat:
        referred = reading.prediction.status == Status.REFERRED
        other = referred and heat.label not in ABNORMAL_KEYS
        st.caption(
            f"Yellow where the image speaks most for {_name(heat.label)} ({heat.method}, layer "
            f"{plain(heat.layer)}). It shows where the network looked, not why."
            f"{NOT_THE_SUSPICION if other else ''}"
        )


def shown_before(reading: LoggedReading, store: Store) -> None:
    """Draws the heat maps that were shown beside a reading; nothing where none was."""
    found = heat_maps.kept(store, reading.id)
    if not found:
        return
    st.caption(f"Heat maps that were shown ({found[0].method}, layer {plain(found[0].layer)})")
    with st.container(horizontal=True, gap="small"):
        for heat in found:
            with st.container(width=SMALL_PX, gap="xxsmall"):
                st.image(_over(reading.thumbnail, heat.image), width=SMALL_PX)
                cells.class_badge(heat.label)


def _possible(reading: LoggedReading) -> bool:
    # What is no cell speaks for none of the classes.
    return reading.prediction.status != Status.REJECTED


def _switch() -> None:
    st.session_state[ON] = not st.session_state.get(ON)


def _classes(reading: LoggedReading) -> list[str]:
    """What can be explained, the most needed first.

    The kind of abnormal cell that is suspected, the class of the model, the others that it may
    well be.
    """
    said = reading.prediction
    suspected = [
        # The reference cells are of the kind that is suspected most.
        cell.label
        for cell in said.reference_cells
        if said.status == Status.REFERRED and cell.label in ABNORMAL_KEYS
    ]
    return list(dict.fromkeys((*suspected, said.label, *(said.prediction_set or ()))))


def _choice_key(reading: LoggedReading) -> str:
    return f"reading_heat_of_{reading.id}"


def _choice(reading: LoggedReading) -> None:
    st.segmented_control(
        "Heat map for",
        _classes(reading),
        default=_classes(reading)[0],
        required=True,
        format_func=lambda key: f"{kind(key).glyph} {kind(key).name}",
        key=_choice_key(reading),
        label_visibility="collapsed",
    )


def _name(label: str) -> str:
    return kind(label).name.lower()


def _asked(reading: LoggedReading, image: bytes) -> ShownHeatMap | None:
    """The heat map to show, kept with the reading; None where none can be drawn, which is told."""
    said = reading.prediction
    label = st.session_state.get(_choice_key(reading), _classes(reading)[0])
    try:
        heat = _drawn(image, said.bundle, said.profile, label)
    except BloodCellsError as error:
        st.warning(plain(error), icon=":material/warning:")
        return None
    _keep(reading.id, heat, resources.store())
    return heat


def _keep(reading_id: int, heat: ShownHeatMap, store: Store) -> None:
    kept: set[tuple[int, str]] = st.session_state.setdefault(KEPT, set())
    if (reading_id, heat.label) in kept:
        return
    try:
        heat_maps.keep(store, reading_id, heat)
        kept.add((reading_id, heat.label))
    except RecordError as error:
        st.warning(
            f"The history will not show this heat map. {plain(error)}", icon=":material/warning:"
        )


@st.cache_data(max_entries=512, show_spinner="Looking where the prediction comes from")
def _drawn(image: bytes, bundle: str, profile: str | None, label: str) -> ShownHeatMap:
    return _maps(bundle).of(as_seen(image, bundle, profile), label).shown()


@st.cache_resource(max_entries=1, show_spinner=False)
def _maps(bundle: str) -> HeatMaps:
    return HeatMaps(find_bundle(bundle, settings()))


@st.cache_data(max_entries=512, show_spinner=False)
def _over(image: bytes | None, heat: bytes) -> bytes:
    """JPEG of an image under its heat map; without the image, the map on plain ground."""
    below = decode(image) if image else Image.new("RGB", (SMALL_PX, SMALL_PX), "white")
    out = io.BytesIO()
    painted(below, heat).save(out, "JPEG", quality=92)
    return out.getvalue()
