"""What was seen of a cell's morphology."""

from collections.abc import Mapping

import streamlit as st

from core.morphology import Observed, attribute, seen_in_words


def seen(attributes: Mapping[str, Observed]) -> None:
    """Draws it in words, with how sure each is folded away; nothing where nothing was told."""
    if not attributes:
        return
    st.markdown(f"**Seen:** {seen_in_words(attributes)}.")
    with st.expander("How sure of each", icon=":material/biotech:"):
        for key, one in attributes.items():
            value = attribute(key).words[one.value] or "none"
            st.progress(one.confidence, f"{attribute(key).name}: {value}, {one.confidence:.0%}")
