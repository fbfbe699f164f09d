"""Tells whoever answers many cells without a laboratory profile that one would help."""

import streamlit as st

from core.access.accounts import Account, Role
from core.vision.profile import Profile
from core.vision.profiling import FEWEST_CELLS
from pages.components.laboratory_profile import HANDED_OVER
from pages.components.sheet import Sheet

MAY_SET_UP = (Role.SCIENTIST, Role.ADMIN)


def draw(sheet: Sheet, profile: Profile | None, account: Account) -> None:
    """Draws it where there are cells enough and no profile is in use."""
    own = [shown for shown in sheet.answers.values() if not shown.example]
    if profile is not None or len(own) < FEWEST_CELLS:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"These {len(own)} cells are answered without a laboratory profile. "
            "If they come from one laboratory, a profile can make the answers better."
        )
        if account.role not in MAY_SET_UP:
            st.caption("A data scientist or an admin can make one.")
        elif st.button("Make one from these", key="predict_profile", icon=":material/science:"):
            st.session_state[HANDED_OVER] = [(one.prediction.name, one.picture) for one in own]
            st.switch_page("pages/laboratory.py")
