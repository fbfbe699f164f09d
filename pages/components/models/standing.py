"""What answers now, since when and by whom, and one click to go back."""

from functools import partial

import streamlit as st

from core.access.accounts import Account
from core.access.permissions import Action, may
from core.analysis import deployments
from core.errors import BundleError, DeploymentError
from core.records.deployments import Deployment
from core.settings import settings
from pages.components.models import change
from pages.components.shared import resources
from pages.components.shared.words import plain


def draw(account: Account) -> None:
    """Draws it; where what was put into use cannot answer, why."""
    try:
        now = resources.deployed()
    except DeploymentError as error:
        st.error(plain(error), icon=":material/error:")
        return
    try:
        deployments.bundle_of(now, settings())
        deployments.profile_of(now, settings())
        st.success(_told(now), icon=":material/check_circle:")
    except (BundleError, DeploymentError) as error:
        st.error(f"Nothing can predict. {plain(error)}", icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center"):
        _profile(now)
        _back(account)


def _told(now: Deployment) -> str:
    name = f"**{plain(now.bundle)}**"
    last = next((one.deployment for one in change.changes() if one.model), None)
    if last is None:
        return f"{name} is in use, as it is set up: no other model was ever put into use."
    return f"{name} is in use, since {change.when(last)} by {plain(change.who(last))}."


def _profile(now: Deployment) -> None:
    known = "No laboratory profile in use."
    if now.profile:
        last = next((one.deployment for one in change.changes() if one.profile), now)
        known = f"Laboratory profile: {now.profile}, since {change.when(last)} by "
        known += f"{change.who(last)}."
    st.text(known, width="content")
    st.page_link("pages/laboratory.py", label="Laboratory", icon=":material/science:")


def _back(account: Account) -> None:
    earlier = deployments.earlier(resources.store(), settings())
    if earlier is None or not may(account.role, Action.DEPLOY):
        return
    under = f" under {plain(earlier.profile)}" if earlier.profile else ""
    if st.button(
        f"Go back to {plain(earlier.bundle)}{under}", key="models_back", icon=":material/undo:"
    ):
        back = partial(deployments.go_back, resources.store(), settings(), account)
        change.attempt(back, f"{earlier.bundle} is in use again.")
