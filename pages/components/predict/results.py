"""All predictions of the sheet: class mix, gallery, by class, table, CSV, refused files."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from core.access import exports
from core.access.accounts import Account
from core.prediction import Status
from core.records.sheets import Sheet, SheetReading
from core.records.spreadsheet import csv_file
from core.taxonomy import kind
from pages.components.predict.inbox import Inbox
from pages.components.predict.sheet import SUSPECTED, Group, OnSheet, choose
from pages.components.shared import resources
from pages.components.shared.cells import class_mark
from pages.components.shared.charts import REFER, class_name
from pages.components.shared.gallery import gallery
from pages.components.shared.words import plain

PER_PAGE = 40
VIEWS = ("Most doubtful first", "By class", "Table")
SUSPECTED_NAME = "Suspected blast or abnormal cell"


def summary(on: OnSheet) -> None:
    """Draws the strip above the predictions: the class mix, and how many need a look."""
    counted = [group for group in on.groups if group.count]
    strip = "".join(
        f'<div style="flex:{group.count};background:{_colour(group)}"></div>' for group in counted
    )
    marks = [
        f'<span style="white-space:nowrap">{_mark(group)} {group.count}</span>' for group in counted
    ]
    # Room for two lines, so that a label moves no button below it under a second click.
    st.markdown(
        f'<div style="display:flex;gap:2px;height:8px;border-radius:4px;overflow:hidden">{strip}'
        f'</div><small style="display:block;min-height:3.3em;line-height:1.6">'
        f"{' &ensp; '.join([f'<b>{_counted(on)}</b>', *marks, *_uncounted(on)])}</small>",
        unsafe_allow_html=True,
    )


def _counted(on: OnSheet) -> str:
    real = [one for one in on.readings if not one.is_example]
    suspected = sum(one.is_suspected for one in real)
    to_review = sum(one.is_open for one in real) - suspected
    images = f"{len(real)} {'image' if len(real) == 1 else 'images'}, {to_review} to review"
    return f"{images}, {suspected} referred" if suspected else images


def _uncounted(on: OnSheet) -> list[str]:
    """What is said of the synthetic examples; nothing where there are none."""
    examples = sum(one.is_example for one in on.readings)
    if not examples:
        return []
    images = "synthetic image" if examples == 1 else "synthetic images"
    return [f'<span style="white-space:nowrap">{examples} {images} not counted</span>']


def _mark(group: Group) -> str:
    if group.key == SUSPECTED:
        return f'<span style="color:{_colour(group)}" aria-hidden="true">■</span> {SUSPECTED_NAME}'
    return class_mark(group.key)


def _colour(group: Group) -> str:
    return REFER if group.key == SUSPECTED else kind(group.key).colour


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
        _download(sheet, account)
    return view


def _download(sheet: Sheet, account: Account) -> None:
    # No run of the page: on a busy server it would end first and take the file back.
    st.download_button(
        "CSV",
        lambda: csv_file(exports.sheet_csv(resources.store(), account, sheet)),
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


def _by_class(on: OnSheet) -> list[tuple[str, Sequence[SheetReading]]]:
    return [
        (SUSPECTED_NAME if group.key == SUSPECTED else class_name(group.key), group.readings)
        for group in on.groups
    ]


def _one_page(
    groups: Sequence[tuple[str, Sequence[SheetReading]]],
) -> list[tuple[str, Sequence[SheetReading]]]:
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
        st.caption("Files that were not read stand on no sheet: a reload takes this list away.")
        st.table([{"File": plain(item.name), "Why": plain(item.reason)} for item in box.refused])
