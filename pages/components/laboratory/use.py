"""The laboratory profile in use, the others that there are, and the way back."""

import streamlit as st

from core.access.accounts import Account
from core.analysis import deployments
from core.analysis.profiles import profile_names
from core.errors import BloodCellsError, DeploymentError
from core.records.deployments import Deployment
from core.settings import settings
from pages.components.shared import resources
from pages.components.shared.words import plain

FAILED = "laboratory_failed"


def draw(account: Account) -> None:
    """Draws what is in use, with one click to stop it and one to take another."""
    if failed := st.session_state.pop(FAILED, None):
        st.error(plain(failed), icon=":material/error:")
    deployed, known = resources.deployed(), profile_names(settings())
    chosen = deployed.profile
    if chosen:
        with st.container(horizontal=True, vertical_alignment="center"):
            _describe(deployed)
            st.button(
                "Stop using it",
                key="laboratory_stop",
                icon=":material/undo:",
                on_click=use,
                args=(None, account),
            )
    else:
        st.info(
            "No laboratory profile is in use: each image is judged by itself.",
            icon=":material/info:",
        )
    others = [name for name in known if name != chosen]
    if others:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox("Profiles made before", others, key="laboratory_known")
            st.button("Use it", key="laboratory_use", on_click=use, args=(name, account))


def use(name: str | None, account: Account) -> None:
    """Puts a profile in use for everybody, or stops using one; a refusal is told on the page."""
    try:
        deployments.use_profile(resources.store(), settings(), account, name)
    except BloodCellsError as error:
        st.session_state[FAILED] = str(error)


def _describe(deployed: Deployment) -> None:
    try:
        profile = deployments.profile_of(deployed, settings())
    except DeploymentError as error:
        st.error(plain(error), icon=":material/error:")
        return
    if profile:
        st.success(
            f"Every prediction is given under the laboratory profile **{plain(profile.name)}**, "
            f"made on {profile.created:%d %B %Y} from {profile.cells} cells.",
            icon=":material/check_circle:",
        )
