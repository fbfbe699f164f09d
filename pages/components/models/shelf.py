"""Every finished model with what its card says; an admin puts any of them into use."""

from functools import partial

import streamlit as st

from core.access.accounts import Account
from core.access.permissions import Action, may
from core.analysis import deployments
from core.errors import DeploymentError
from core.settings import settings
from core.vision.bundle import OF_RUN, Bundle, Found, found_bundles
from core.vision.card.cautions import cautions
from core.vision.card.contents import Card
from core.vision.card.figures import accuracy
from pages.components.models import change
from pages.components.shared import documents, resources
from pages.components.shared.words import plain


def draw(account: Account) -> None:
    """Draws them: those that ship, those made here, the best epoch of each run."""
    st.subheader("All models", anchor=False)
    if not may(account.role, Action.DEPLOY):
        st.caption("Admins put models into use.")
    found = found_bundles(settings())
    if not found:
        st.info("There is no model yet. Train a network: its best epoch comes here.")
    in_use = _in_use()
    cards = {one.name: one.bundle.card for one in found if one.bundle}
    for one in found:
        with st.container(border=True):
            _model(one, cards.get(in_use or ""), one.name == in_use, account)


def _in_use() -> str | None:
    try:
        return resources.deployed().bundle
    except DeploymentError:  # told above
        return None


def _model(one: Found, before: Card | None, in_use: bool, account: Account) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(one.name)}**", width="content")
        st.caption(_origin(one), width="content")
        if in_use:
            st.badge("In use", icon=":material/check:", color="green")
        st.space("stretch")
        if one.bundle:
            if st.button("Card", key=f"models_card_{one.name}", icon=":material/description:"):
                documents.open_card(one.bundle.card)
            if may(account.role, Action.DEPLOY) and not in_use:
                _use(one.bundle.card, before, account)
    if one.bundle:
        st.text(_facts(one.bundle))
    else:
        st.error(plain(one.refused), icon=":material/block:")


def _use(card: Card, before: Card | None, account: Account) -> None:
    name = card.name
    with st.popover("Use", icon=":material/rocket_launch:"):
        for sentence in _consequences(card, before):
            st.text(sentence)
        if st.button("Put it into use for everybody", key=f"models_use_{name}", type="primary"):
            use = partial(deployments.use_bundle, resources.store(), settings(), account, name)
            change.attempt(use, f"{name} is in use.")


def _consequences(card: Card, before: Card | None) -> list[str]:
    """What somebody should know who puts a model into use, in sentences."""
    told = [f"Its accuracy, in per cent: {accuracy(card)}."]
    if before:
        told.append(f"That of the model in use: {accuracy(before)}.")
    told += cautions(card)
    if card.reject_above is None:
        told.append("It does not tell what is not a cell.")
    told.append("A laboratory profile made with another model is no longer used then.")
    return told


def _origin(one: Found) -> str:
    if one.folder.name == OF_RUN:
        return "Best epoch of a run"
    return "Shipped" if one.folder.parent == settings().models_dir else "Made here"


def _facts(bundle: Bundle) -> str:
    card = bundle.card
    data = ["synthetic images"] if card.synthetic else card.data.sources
    listed = "\n".join(f"• {source}" for source in data)
    return (
        f"Accuracy in per cent, with its 95% interval: {accuracy(card)}\n"
        f"Trained on:\n{listed}\n"
        f"Licence: {card.licence}. Made on {card.created:%d %b %Y}.\n"
        f"Hash: {bundle.hash[: change.HASH_SHOWN]}"
    )
