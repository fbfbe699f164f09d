"""What answered when: the history of deployments."""

import streamlit as st

from core.records.deployments import Change
from core.settings import settings
from core.vision.bundle import found_bundles
from pages.components.models import change


def draw() -> None:
    """Draws every deployment, newest first."""
    st.subheader("What was in use when", anchor=False)
    found = change.changes()
    if not found:
        st.caption("Nothing was put into use yet.")
        return
    hashes = {one.name: one.bundle.hash for one in found_bundles(settings()) if one.bundle}
    st.dataframe(
        [_row(one, hashes.get(one.deployment.bundle, "")) for one in found],
        key="models_past",
        hide_index=True,
        column_config={
            "Since (UTC)": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
            "Model's hash": st.column_config.TextColumn(
                help="Of a model that nobody put into use by name: that of its files today."
            ),
        },
    )


def _row(one: Change, hash_today: str) -> dict[str, object]:
    changed = [name for name, new in (("model", one.model), ("profile", one.profile)) if new]
    return {
        "Since (UTC)": one.deployment.since,
        "Changed": " and ".join(changed).capitalize(),
        "Model": one.deployment.bundle,
        "Model's hash": (one.deployment.bundle_hash or hash_today)[: change.HASH_SHOWN],
        "Laboratory profile": one.deployment.profile or "",
        "By": change.who(one.deployment),
    }
