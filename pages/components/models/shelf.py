"""Every finished model with what its card says, each a click from answering."""

from functools import partial

import streamlit as st

from core.access.accounts import Account
from core.access.permissions import Action, may
from core.analysis import deployments
from core.errors import DeploymentError
from core.settings import settings
from core.vision.bundle import OF_RUN, Found, found_bundles
from core.vision.card.contents import Card
from core.vision.card.figures import accuracy
from pages.components.models import change
from pages.components.shared import documents, resources


def draw(account: Account) -> None:
    """Draws them: those that ship, those made here, the best epoch of each run."""
    st.subheader("All models", anchor=False)
    if not may(account.role, Action.DEPLOY):
        st.caption("Admins put models into use.")
    found = found_bundles(settings())
    if not found:
        st.info("There is no model yet. Train a network: its best epoch comes here.")
    answers = _answers()
    for one in found:
        with st.container(border=True):
            _model(one, one.name == answers, account)


def _answers() -> str | None:
    try:
        return resources.deployed().bundle
    except DeploymentError:  # told above
        return None


def _model(one: Found, answers: bool, account: Account) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{one.name}**", width="content")
        st.caption(_origin(one), width="content")
        if answers:
            st.badge("In use", icon=":material/check:", color="green")
        st.space("stretch")
        if one.bundle:
            if st.button("Card", key=f"models_card_{one.name}", icon=":material/description:"):
                documents.open_card(one.bundle.card)
            if may(account.role, Action.DEPLOY) and not answers:
                _use(one.name, account)
    if one.bundle:
        st.text(_facts(one.bundle.card))
    else:
        st.error(one.refused, icon=":material/block:")


def _use(name: str, account: Account) -> None:
    if st.button("Use", key=f"models_use_{name}", icon=":material/rocket_launch:"):
        use = partial(deployments.use_bundle, resources.store(), settings(), account, name)
        change.attempt(use, f"{name} is in use.")


def _origin(one: Found) -> str:
    if one.folder.name == OF_RUN:
        return "Best epoch of a run"
    return "Shipped" if one.folder.parent == settings().models_dir else "Made here"


def _facts(card: Card) -> str:
    data = "synthetic images" if card.synthetic else card.data.source
    return (
        f"Accuracy in per cent, with its 95% interval: {accuracy(card)}\n"
        f"Data: {data}. Licence: {card.licence}. Made on {card.created:%d %b %Y}."
    )
