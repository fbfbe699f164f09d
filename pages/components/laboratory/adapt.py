"""Fit the bundle to a laboratory with labelled cells: a job, watched here."""

from pathlib import PurePosixPath

import streamlit as st

from core.access.accounts import Account
from core.access.permissions import Action, ask, may
from core.analysis import deployments
from core.analysis.archive import Member, Unread, members
from core.analysis.limits import UploadLimits
from core.errors import BloodCellsError
from core.jobs import Job, State
from core.settings import settings
from core.training.adapt import job as adaptation
from core.training.adapt.change import NO_ATTRIBUTES, Change
from core.training.adapt.laboratory import MOST_LABELS
from pages.components.laboratory import use
from pages.components.shared import job, resources
from pages.components.shared.words import plain


def draw(account: Account) -> None:
    """Draws the form, or the work as it goes on, or what came of it."""
    st.subheader("Fit to labelled cells", anchor=False)
    before = resources.deployed()
    if before.bundle != settings().bundle:
        st.success(f"The model **{plain(before.bundle)}** is in use.", icon=":material/check:")
        st.page_link("pages/models.py", label="All models", icon=":material/deployed_code:")
    there = job.draw(adaptation.KIND, action=Action.MAKE_BUNDLE)
    if there and there.state == State.FINISHED:
        _outcome(there, account)
    elif not (there and there.is_live):
        _form(before.bundle, account)


def _form(bundle: str, account: Account) -> None:
    st.caption(
        f"About {MOST_LABELS} cells whose class you know make the predictions better still. It "
        "takes about three minutes, more on a busy machine. A third of the cells is "
        f"kept apart to see whether it helped. {NO_ATTRIBUTES}"
    )
    file = st.file_uploader(
        "A ZIP with one folder a class, e.g. neutrophil, lymphocyte",
        type="zip",
        key="laboratory_labelled",
    )
    name = st.text_input("Name of the new model", key="laboratory_bundle")
    ready = file is not None and bool(name)
    if st.button("Fit", key="laboratory_fit", icon=":material/tune:", disabled=not ready) and file:
        try:
            ask(resources.store(), account, Action.MAKE_BUNDLE, name, {"fitted from": bundle})
            cells, unread = _unpacked(file.name, file.getvalue())
            adaptation.start(
                cells, f"file {file.name}", bundle, name, resources.queue(), account.id, unread
            )
        except BloodCellsError as error:
            st.error(plain(error), icon=":material/error:")
        else:
            st.rerun()


def _unpacked(name: str, data: bytes) -> tuple[list[tuple[str, str, bytes]], dict[str, str]]:
    """Class, name and bytes of each file in a ZIP, and why the others could not be read."""
    found = list(members(name, data, UploadLimits.from_settings(settings())))
    cells = [
        (PurePosixPath(item.name).parent.name, item.name, item.data)
        for item in found
        if isinstance(item, Member)
    ]
    return cells, {item.name: item.reason for item in found if isinstance(item, Unread)}


def _outcome(there: Job, account: Account) -> None:
    bundle, change = adaptation.outcome(there)
    _figures(change)
    if unread := adaptation.unreadable(there):
        st.text(f"Could not be read and was left out: {', '.join(unread)}")
    if copies := adaptation.copies(there):
        st.text(f"Copies of other cells, left out: {', '.join(copies)}")
    if bundle:
        st.caption(NO_ATTRIBUTES)
    with st.container(horizontal=True):
        if bundle and resources.deployed().bundle != bundle:
            st.button(
                f"Use {plain(bundle)}",
                key="laboratory_use_bundle",
                type="primary",
                icon=":material/check:",
                disabled=not may(account.role, Action.DEPLOY),
                help="Admins put models into use, here or on the Models page.",
                on_click=_use,
                args=(bundle, account),
            )
        st.button(
            "Fit again",
            key="laboratory_again",
            on_click=job.dismiss,
            args=(there, Action.MAKE_BUNDLE),
        )


def _figures(change: Change) -> None:
    there, home = st.columns(2)
    there.metric(
        f"Right of {change.checked} cells that it was not fitted on",
        f"{change.after:.1%}",
        f"{100 * (change.after - change.before):+.1f} points",
    )
    home.metric(
        "Right in the source laboratory",
        f"{change.home_after:.1%}",
        f"{100 * (change.home_after - change.home_before):+.1f} points",
    )
    st.caption(f"There {change.in_words()}; {change.statuses_in_words()}.")
    for reason in change.why_not():
        st.info(reason)


def _use(bundle: str, account: Account) -> None:
    try:
        deployments.use_bundle(resources.store(), settings(), account, bundle)
    except BloodCellsError as error:
        st.session_state[use.FAILED] = str(error)
