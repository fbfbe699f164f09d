"""What can be done with a run: stop, resume, make it a bundle, delete."""

from collections.abc import Callable

import streamlit as st

from core.access.accounts import Account
from core.errors import BloodCellsError
from core.settings import settings
from core.training import runs
from core.training.runs import Run, Status
from pages.components.shared import resources

NOTICE = "training_notice"


def draw(run: Run, account: Account, *, may_train: bool) -> None:
    """The buttons that fit the run's state; disabled for those who only look."""
    queue = resources.queue()
    with st.container(horizontal=True, horizontal_alignment="right"):
        if run.status in (Status.QUEUED, Status.RUNNING):
            _stop(run, may_train)
        if run.status in (Status.STOPPED, Status.FAILED):
            _button(
                "Resume", "play_arrow", may_train, lambda: runs.resume(run.id, queue, account.id)
            )
        if run.is_over and run.is_measured:
            _bundle(run, may_train)
        if run.is_over:
            _delete(run, may_train)


def notice() -> None:
    """Draws what the last action had to say, once."""
    failure, bundle = st.session_state.pop(NOTICE, ("", ""))
    if failure:
        st.error(failure)
    if bundle:
        st.success(f"The bundle {bundle} is made.")
        evaluation_link(bundle)


def evaluation_link(bundle: str) -> None:
    """Draws the way to the evaluation of a bundle or of a run's best epoch."""
    st.page_link(
        "pages/evaluation.py",
        label="See its evaluation",
        icon=":material/grid_on:",
        query_params={"evaluated": bundle},
    )


def attempt(action: Callable[[], object], bundle: str = "") -> None:
    """Does it, ``bundle`` being what it makes; the page drawn anew says how it went."""
    try:
        action()
    except BloodCellsError as error:
        st.session_state[NOTICE] = (str(error), "")
    else:
        st.session_state[NOTICE] = ("", bundle)
    st.rerun()


def _stop(run: Run, may_train: bool) -> None:
    if run.is_stopping:
        st.caption("Stops after this batch. What was trained up to the last whole epoch is kept.")
        _button(
            "Stop at once",
            "dangerous",
            may_train,
            lambda: runs.stop(run.id, resources.queue(), at_once=True),
        )
    else:
        _button("Stop", "stop", may_train, lambda: runs.stop(run.id, resources.queue()))


def _bundle(run: Run, may_train: bool) -> None:
    with st.popover("Make it a bundle", icon=":material/inventory_2:", disabled=not may_train):
        st.caption(
            "The best epoch becomes a model that can answer, under a name of its own. It stays "
            "when the run is deleted."
        )
        name = st.text_input("Name of the bundle", f"{run.config.architecture}-{run.id[:8]}")
        if st.button("Make it", type="primary", disabled=not may_train):
            from core.training.packaging.export import make_bundle  # brings the exporters with it

            try:
                make_bundle(run.folder, name, settings())
            except BloodCellsError as error:
                st.error(str(error))
            else:
                attempt(lambda: None, name)


def _delete(run: Run, may_train: bool) -> None:
    with st.popover("Delete", icon=":material/delete:", disabled=not may_train):
        st.write("Its checkpoint and curves are lost. Bundles made from it stay.")
        _button(
            "Delete for good",
            "delete_forever",
            may_train,
            lambda: runs.delete(run.id, resources.queue()),
        )


def _button(label: str, icon: str, may_train: bool, action: Callable[[], object]) -> None:
    if st.button(label, icon=f":material/{icon}:", disabled=not may_train):
        attempt(action)
