"""All predictions of the sheet: class mix, gallery, by class, table, CSV, refused files."""

from datetime import UTC, datetime

import streamlit as st

from core.access import exports
from core.access.accounts import Account
from core.analysis.table import predictions_csv
from core.prediction import Status
from core.records import sheets
from core.records.sheets import Sheet, SheetReading
from core.taxonomy import kind
from pages.components.predict.inbox import Inbox
from pages.components.predict.sheet import OnSheet, choose
from pages.components.shared import resources
from pages.components.shared.cells import class_mark
from pages.components.shared.charts import class_name
from pages.components.shared.gallery import gallery

PER_PAGE = 40
VIEWS = ("Most doubtful first", "By class", "Table")


def summary(on: OnSheet) -> None:
    """Draws the strip above the predictions: the class mix, and how many need a look."""
    mix, open_ones = on.mix, [one for one in on.readings if one.is_open]
    referred = sum(one.status == Status.REFERRED for one in open_ones)
    waiting = f"{len(open_ones) - referred} to review" + (f", {referred} referred" * (referred > 0))
    total = len(on.readings)
    strip = "".join(
        f'<div style="flex:{count};background:{kind(key).colour}"></div>'
        for key, count in mix.items()
    )
    marks = " &ensp; ".join(
        f'<span style="white-space:nowrap">{class_mark(key)} {count}</span>'
        for key, count in mix.items()
    )
    st.markdown(
        f'<div style="display:flex;gap:2px;height:8px;border-radius:4px;overflow:hidden">{strip}'
        f"</div><small><b>{total} {'image' if total == 1 else 'images'}, {waiting}</b>"
        f" &ensp; {marks}</small>",
        unsafe_allow_html=True,
    )


def bar(on: OnSheet, sheet: Sheet, account: Account) -> str:
    """Draws the line of controls above the predictions; gives the view that is asked for."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        view: str = st.segmented_control(
            "View",
            VIEWS,
            default=VIEWS[0],
            required=True,
            key="predict_view",
            label_visibility="collapsed",
        )
        st.space("stretch")
        st.button(
            "Next doubtful",
            key="predict_next",
            icon=":material/skip_next:",
            shortcut="N",
            disabled=not any(one.is_open for one in on.readings),
            on_click=on.choose_next_open,
        )
        _download(on, sheet, account)
    return view


def _download(on: OnSheet, sheet: Sheet, account: Account) -> None:
    def written() -> str:
        store = resources.store()
        exports.note_predictions(store, account, len(on.readings))
        found = sheets.readings(store, sheet)
        return predictions_csv((one.id, one.prediction, one.person_label) for one in found)

    st.download_button(
        "CSV",
        written,
        f"predictions-{datetime.now(UTC):%Y%m%d-%H%M}.csv",
        "text/csv",
        key="predict_csv",
        icon=":material/download:",
        on_click="ignore",
    )


def overview(on: OnSheet, view: str) -> None:
    """Draws all predictions in one of ``VIEWS``."""
    if view == "Table":
        _table(on)
        return
    groups = _by_class(on) if view == "By class" else [("", on.by_doubt)]
    current = on.current
    gallery(
        _one_page(groups),
        key="predict_gallery",
        chosen=current.id if current else None,
        on_choose=choose,
    )


def _by_class(on: OnSheet) -> list[tuple[str, list[SheetReading]]]:
    return [
        (class_name(key), [one for one in on.by_doubt if one.final_label == key]) for key in on.mix
    ]


def _one_page(groups: list[tuple[str, list[SheetReading]]]) -> list[tuple[str, list[SheetReading]]]:
    """The part of the groups that fits on the page that is asked for."""
    total = sum(len(readings) for _, readings in groups)
    first = 0
    if total > PER_PAGE:
        first = PER_PAGE * (st.pagination(-(-total // PER_PAGE), key="predict_page") - 1)
    cut, place = [], 0
    for title, readings in groups:
        part = readings[max(0, first - place) : max(0, first + PER_PAGE - place)]
        place += len(readings)
        if part:
            cut.append((title, part))
    return cut


def _table(on: OnSheet) -> None:
    picked = st.dataframe(
        [
            {
                "Image": one.name,
                "Prediction": class_name(one.label),
                "Label": class_name(one.person_label) if one.person_label else "",
                "Confidence": one.confidence,
                "Status": Status(one.status).shown,
                "Time": one.milliseconds,
            }
            for one in on.by_doubt
        ],
        column_config={
            "Confidence": st.column_config.ProgressColumn(format="percent", max_value=1.0),
            "Time": st.column_config.NumberColumn(format="%.1f ms"),
        },
        key="predict_table",
        on_select="rerun",
        selection_mode="single-row",
    )
    if picked.selection.rows:
        choose(on.by_doubt[picked.selection.rows[0]].id)


def steps(on: OnSheet) -> None:
    """Draws the buttons to the previous and the next prediction."""
    with st.container(horizontal=True, gap="xsmall"):
        for key, name, by in (("Left", "Previous", -1), ("Right", "Next", 1)):
            st.button(
                name,
                key=f"predict_step_{key}",
                shortcut=key,
                disabled=len(on.readings) < 2,
                on_click=on.step,
                args=(by,),
            )


def refused(box: Inbox, expanded: bool) -> None:
    """Draws the files that got no prediction, each with its reason."""
    if not box.refused:
        return
    count = len(box.refused)
    title = f"{count} {'file was' if count == 1 else 'files were'} not read"
    with st.expander(title, icon=":material/block:", expanded=expanded):
        st.table([{"File": item.name, "Why": item.reason} for item in box.refused])
