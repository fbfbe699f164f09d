"""What can be done with a run: stop, resume, make it a bundle, delete."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.access.accounts import Account
from core.access.permissions import Action, ask, may
from core.errors import BloodCellsError
from core.settings import settings
from core.training import runs
from core.training.runs import Run, Status
from pages.components.shared import resources
from pages.components.shared.words import plain

NOTICE = "training_notice"


def draw(run: Run, account: Account) -> None:
    """The buttons that fit the run's state; disabled for those who only look."""
    queue = resources.queue()
    with st.container(horizontal=True, horizontal_alignment="right"):
        if run.status in (Status.QUEUED, Status.RUNNING):
            _stop(run, account)
        if run.status in (Status.STOPPED, Status.FAILED):
            resume = partial(runs.resume, run.id, queue, account.id)
            _button("Resume", "play_arrow", account, Action.RESUME_RUN, run, resume)
        if run.is_over and run.is_measured:
            _bundle(run, account)
        if run.is_over:
            _delete(run, account)


def notice() -> None:
    """Draws what the last action had to say, once."""
    failure, bundle = st.session_state.pop(NOTICE, ("", ""))
    if failure:
        st.error(plain(failure))
    if bundle:
        st.success(f"The model {plain(bundle)} is made.")
        evaluation_link(bundle)


def evaluation_link(bundle: str) -> None:
    """Draws the way to the evaluation of a bundle or of a run's best epoch."""
    st.page_link(
        "pages/evaluation.py",
        label="See its evaluation",
        icon=":material/grid_on:",
        query_params={"evaluated": bundle},
    )


def attempt(account: Account, action: Action, subject: str, deed: Callable[[], object]) -> None:
    """Does it if the account still may; the page drawn anew says how it went."""
    try:
        ask(resources.store(), account, action, subject)
        deed()
    except BloodCellsError as error:
        st.session_state[NOTICE] = (str(error), "")
    st.rerun()


def _stop(run: Run, account: Account) -> None:
    if run.is_stopping:
        st.caption("Stops after this batch. What was trained up to the last whole epoch is kept.")
        stop = partial(runs.stop, run.id, resources.queue(), at_once=True)
        _button("Stop at once", "dangerous", account, Action.STOP_RUN, run, stop)
    else:
        stop = partial(runs.stop, run.id, resources.queue())
        _button("Stop", "stop", account, Action.STOP_RUN, run, stop)


def _bundle(run: Run, account: Account) -> None:
    disabled = not may(account.role, Action.MAKE_BUNDLE)
    with st.popover("Make it a model", icon=":material/inventory_2:", disabled=disabled):
        st.caption(
            "The best epoch becomes a model that can be put into use, under a name of its own. It "
            "stays when the run is deleted."
        )
        name = st.text_input("Name of the model", f"{run.config.architecture}-{run.id[:8]}")
        if st.button("Make it", type="primary", disabled=disabled):
            from core.training.packaging.export import make_bundle  # brings the exporters with it

            try:
                ask(resources.store(), account, Action.MAKE_BUNDLE, name, {"run": run.id})
                make_bundle(run.folder, name, settings())
            except BloodCellsError as error:
                st.error(plain(error))
            else:
                st.session_state[NOTICE] = ("", name)
                st.rerun()


def _delete(run: Run, account: Account) -> None:
    disabled = not may(account.role, Action.DELETE_RUN)
    with st.popover("Delete", icon=":material/delete:", disabled=disabled):
        st.write("Its checkpoint and curves are lost. Models made from it stay.")
        delete = partial(runs.delete, run.id, resources.queue())
        _button("Delete for good", "delete_forever", account, Action.DELETE_RUN, run, delete)


def _button(
    label: str,
    icon: str,
    account: Account,
    action: Action,
    run: Run,
    deed: Callable[[], object],
) -> None:
    disabled = not may(account.role, action)
    if st.button(label, icon=f":material/{icon}:", disabled=disabled):
        attempt(account, action, run.id, deed)
