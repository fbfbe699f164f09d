"""What answered when: the history of deployments."""

import streamlit as st

from core.records import deployments
from pages.components.models import change
from pages.components.shared import resources

HASH_SHOWN = 12


def draw() -> None:
    """Draws every deployment, newest first."""
    st.subheader("What was in use when", anchor=False)
    found = deployments.newest_first(resources.store())
    if not found:
        st.caption("Nothing was put into use yet.")
        return
    st.dataframe(
        [
            {
                "Since (UTC)": one.since,
                "Model": one.bundle,
                "Model's hash": (one.bundle_hash or "")[:HASH_SHOWN],
                "Laboratory profile": one.profile or "",
                "By": change.who(one),
            }
            for one in found
        ],
        key="models_past",
        hide_index=True,
        column_config={"Since (UTC)": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")},
    )
