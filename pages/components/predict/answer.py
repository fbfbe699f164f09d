"""The chosen answer, large: picture, evidence, and what a person makes of it."""

import streamlit as st

from core.access import labels
from core.access.accounts import Account
from core.errors import AccessError, RecordError
from core.markdown import escaped
from core.prediction import Status
from core.records.store import Store
from core.taxonomy import CLASSES, OUTSIDE
from core.vision.decision import set_in_words
from pages.components.predict import heat_map
from pages.components.predict.sheet import Sheet, Shown
from pages.components.shared import cells, charts, evidence

FAILED = "predict_label_failed"


def answer(sheet: Sheet, shown: Shown, store: Store, account: Account) -> None:
    """Draws one answer with its evidence and the buttons to confirm or correct it."""
    said = shown.prediction
    _head(shown, store, account)
    evidence.seen(said.attributes)
    evidence.alike(said.reference_cells, said.bundle, said.profile, shown.picture)
    if said.status != Status.REJECTED:  # what is no cell is no class more than another
        charts.draw(
            charts.probability_bars(said.probabilities, height_px=196),
            key="predict_probabilities",
        )
    _classes(shown, store, account)
    _steps(sheet)


def _head(shown: Shown, store: Store, account: Account) -> None:
    prediction = shown.prediction
    left, right = st.columns(2, gap="small", vertical_alignment="center", wrap=False)
    with left:
        heat = heat_map.picture(shown, store)
    with right:
        cells.class_badge(prediction.label)
        likely = prediction.prediction_set or ()
        if len(likely) > 1:
            st.caption(f"May well be {set_in_words(likely)}.")
        _status(prediction.status)
        _verdict(shown, store, account)
    heat_map.controls(shown, heat)
    failed = st.session_state.pop(FAILED, None)
    if failed:
        st.error(failed, icon=":material/error:")
    drawn = " A drawn example, not a real cell." if shown.example else ""
    under = f", laboratory profile {prediction.profile}" if prediction.profile else ""
    st.caption(prediction.reason)
    time = f"{prediction.milliseconds:.1f} ms, bundle {prediction.bundle}{under}."
    st.caption(f"{escaped(prediction.cell.name)}, {time}{drawn}")


def _status(status: Status) -> None:
    match status:
        case Status.CONFIDENT:
            st.badge("Confident", icon=":material/check:", color="green")
        case Status.REVIEW:
            st.badge("Review", icon=":material/visibility:", color="orange")
        case Status.REFERRED:
            st.badge("Refer: possible blast", icon=":material/priority_high:", color="red")
        case Status.REJECTED:
            st.badge("Rejected", icon=":material/block:", color="grey")


def _verdict(shown: Shown, store: Store, account: Account) -> None:
    """The button to confirm, or what the person said and the way back."""
    if shown.label is None:
        # What may be a blast must not become a normal cell by one careless key.
        referred = shown.prediction.status == Status.REFERRED
        st.button(
            "No blast: confirm" if referred else "Confirm",
            key="predict_confirm",
            type="secondary" if referred else "primary",
            shortcut=None if referred else "Enter",
            on_click=_label,
            args=(shown, shown.prediction.label, store, account),
        )
        return
    if shown.label == shown.prediction.label:
        st.text("You confirmed it.")
    else:
        st.text("You say:")
        cells.class_badge(shown.label)
    st.button(
        "Undo",
        key="predict_undo",
        icon=":material/undo:",
        shortcut="U",
        on_click=_undo,
        args=(shown, store, account),
    )


def _classes(shown: Shown, store: Store, account: Account) -> None:
    for question, kinds in (("It is a …", CLASSES), ("None of these, but …", OUTSIDE)):
        st.caption(question)
        with st.container(horizontal=True, gap="xsmall"):
            for known in kinds:
                st.button(
                    f"{known.glyph} {known.name}",
                    key=f"predict_is_{known.key}",
                    shortcut=known.shortcut,
                    disabled=known.key == shown.label,
                    on_click=_label,
                    args=(shown, known.key, store, account),
                )


def _label(shown: Shown, label: str, store: Store, account: Account) -> None:
    try:
        labels.give(store, account, shown.reading_id, label)
        shown.label = label
    except (AccessError, RecordError) as error:
        st.session_state[FAILED] = f"Not saved. {error}"


def _undo(shown: Shown, store: Store, account: Account) -> None:
    try:
        shown.label = labels.take_back(store, account, shown.reading_id)
    except (AccessError, RecordError) as error:
        st.session_state[FAILED] = f"Not undone. {error}"


def _steps(sheet: Sheet) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for key, name, by in (("Left", "Previous", -1), ("Right", "Next", 1)):
            st.button(
                name,
                key=f"predict_step_{key}",
                shortcut=key,
                disabled=len(sheet.answers) < 2,
                on_click=sheet.step,
                args=(by,),
            )
