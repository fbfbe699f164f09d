"""The audit trail, filtered."""

import streamlit as st

from core.access import accounts
from core.records import audit
from pages.components.shared import resources

ROWS = 500


def draw() -> None:
    """Draws the newest entries, narrowed by person and deed."""
    store = resources.store()
    left, right = st.columns(2)
    people = [person.username for person in accounts.list_accounts(store)]
    actor = left.selectbox(
        "Who did it", [*people, accounts.COMMAND_LINE], index=None, placeholder="Anybody"
    )
    action = right.selectbox(
        "What was done",
        audit.actions(store),
        format_func=audit.in_words,
        index=None,
        placeholder="Anything",
    )
    found = audit.entries(store, actor=actor, action=action, limit=ROWS)
    if not found:
        st.write("No entry fits. Take a filter away.")
        return
    st.dataframe(
        [
            {
                "When (UTC)": entry.at,
                "Who": entry.actor,
                "What": audit.in_words(entry.action),
                "Whom or what": entry.subject,
                "Details": audit.details_in_words(entry.details),
            }
            for entry in found
        ],
        hide_index=True,
        column_config={
            "When (UTC)": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm:ss"),
            "Details": st.column_config.TextColumn(width="large"),
        },
    )
    if len(found) == ROWS:
        st.caption(f"The newest {ROWS} entries; narrow the filter to see older ones.")
