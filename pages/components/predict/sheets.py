"""Which sheet is looked at: the open one, or an earlier one by its number in the address."""

import streamlit as st

from core.access.accounts import Account
from core.errors import RecordError
from core.records import sheets
from core.records.history.filter import Viewer
from core.records.sheets import Sheet
from core.records.store import Store
from pages.components.predict import inbox
from pages.components.predict.sheet import CHOSEN

PARAMETER = "sheet"
LONGEST_ID = 18  # digits; a longer number is none of a database's


def asked_for(store: Store, account: Account) -> Sheet | None:
    """The sheet that the address names, unless it is the open one; None where it names none.

    Raises:
        RecordError: it is not there for this account.
    """
    number = st.query_params.get(PARAMETER)
    if number is None:
        return None
    if not number.isdecimal() or len(number) > LONGEST_ID:
        raise RecordError("The address names no sheet. Choose one from the earlier sheets.")
    found = sheets.find(store, Viewer(account.role, account.id), int(number))
    is_the_open_one = found.account_id == account.id and found.closed_at is None
    return None if is_the_open_one else found


def heading(sheet: Sheet, account: Account) -> None:
    """Draws what stands above an earlier sheet, and the way back to the open one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        whose = "" if sheet.account_id == account.id else ", of somebody else"
        st.caption(f"Sheet {sheet.id}{whose}: {_told(sheet)}. New images go on your open sheet.")
        st.button(
            "Open sheet",
            key="predict_open_sheet",
            icon=":material/arrow_back:",
            on_click=st.query_params.clear,
        )


def earlier(store: Store, account: Account) -> None:
    """Draws the list of one's own sheets, if there are any that are closed."""
    closed = [one for one in sheets.newest(store, account.id) if one.closed_at]
    if not closed:
        return
    with st.popover("Earlier sheets", icon=":material/history:"):
        for one in closed:
            open_button(one.id, f"Sheet {one.id}: {_told(one)}")


def open_button(sheet_id: int, label: str) -> None:
    """Draws a button that opens a sheet; a link to a page's own address would not change it."""
    if st.button(label, key=f"open_sheet_{sheet_id}", type="tertiary"):
        st.switch_page("pages/predict.py", query_params={PARAMETER: str(sheet_id)})


def start_new(store: Store, account: Account) -> None:
    """Closes the open sheet; the log keeps it."""
    sheets.close(store, account.id)
    st.session_state.pop(CHOSEN, None)
    st.query_params.pop(PARAMETER, None)  # else the sheet that was closed stays in view
    inbox.empty()


def _told(sheet: Sheet) -> str:
    images = "image" if sheet.readings == 1 else "images"
    return f"{sheet.opened_at:%-d %b %Y, %H:%M} UTC, {sheet.readings} {images}"
