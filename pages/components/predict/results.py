"""All answers of the sheet: class mix, gallery, by class, table, CSV, refused files."""

from datetime import UTC, datetime

import streamlit as st

from core.access import exports
from core.access.accounts import Account
from core.analysis.table import answers_csv
from core.taxonomy import kind
from pages.components.predict.sheet import Sheet, Shown, clear
from pages.components.shared import resources
from pages.components.shared.cells import class_mark
from pages.components.shared.charts import class_name
from pages.components.shared.gallery import gallery

PER_PAGE = 40
VIEWS = ("Most doubtful first", "By class", "Table")


def summary(sheet: Sheet) -> None:
    """Draws the strip above the answers: the class mix, and how many need a look."""
    mix, open_ones = sheet.mix(), sum(shown.open for shown in sheet.answers.values())
    total = len(sheet.answers)
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
        f"</div><small><b>{total} {'image' if total == 1 else 'images'}, {open_ones} to review</b>"
        f" &ensp; {marks}</small>",
        unsafe_allow_html=True,
    )


def bar(sheet: Sheet, account: Account) -> str:
    """Draws the line of controls above the answers; gives the view that is asked for."""
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
            disabled=not any(shown.open for shown in sheet.answers.values()),
            on_click=sheet.choose_next_open,
        )
        _download(sheet, account)
        st.button("Clear", key="predict_clear", icon=":material/close:", on_click=clear)
    return view


def _download(sheet: Sheet, account: Account) -> None:
    def written() -> str:
        exports.note_answers(resources.store(), account, len(sheet.answers))
        return answers_csv((s.reading_id, s.prediction, s.label) for s in sheet.answers.values())

    st.download_button(
        "CSV",
        written,
        f"predictions-{datetime.now(UTC):%Y%m%d-%H%M}.csv",
        "text/csv",
        key="predict_csv",
        icon=":material/download:",
        on_click="ignore",
    )


def overview(sheet: Sheet, view: str) -> None:
    """Draws all answers in one of ``VIEWS``."""
    if view == "Table":
        _table(sheet)
        return
    groups = _by_class(sheet) if view == "By class" else [("", sheet.by_doubt())]
    current = sheet.current()

    def choose(reading_id: int) -> None:
        sheet.chosen = reading_id

    gallery(
        _one_page(groups),
        key="predict_gallery",
        chosen=current.reading_id if current else None,
        on_choose=choose,
    )


def _by_class(sheet: Sheet) -> list[tuple[str, list[Shown]]]:
    return [
        (class_name(key), [shown for shown in sheet.by_doubt() if shown.final == key])
        for key in sheet.mix()
    ]


def _one_page(groups: list[tuple[str, list[Shown]]]) -> list[tuple[str, list[Shown]]]:
    """The part of the groups that fits on the page that is asked for."""
    total = sum(len(shown) for _, shown in groups)
    first = 0
    if total > PER_PAGE:
        first = PER_PAGE * (st.pagination(-(-total // PER_PAGE), key="predict_page") - 1)
    cut, place = [], 0
    for title, shown in groups:
        part = shown[max(0, first - place) : max(0, first + PER_PAGE - place)]
        place += len(shown)
        if part:
            cut.append((title, part))
    return cut


def _table(sheet: Sheet) -> None:
    order = sheet.by_doubt()
    picked = st.dataframe(
        [
            {
                "Image": shown.prediction.cell.name,
                "Model's class": class_name(shown.prediction.label),
                "Your class": class_name(shown.label) if shown.label else "",
                "Confidence": shown.prediction.confidence,
                "Status": shown.prediction.status.capitalize(),
                "Time": shown.prediction.milliseconds,
            }
            for shown in order
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
        sheet.chosen = order[picked.selection.rows[0]].reading_id


def refused(sheet: Sheet) -> None:
    """Draws the files that got no answer, each with its reason."""
    if not sheet.refused:
        return
    count = len(sheet.refused)
    title = f"{count} {'file was' if count == 1 else 'files were'} not answered"
    with st.expander(title, icon=":material/block:", expanded=not sheet.answers):
        st.table([{"File": item.name, "Why": item.reason} for item in sheet.refused])
