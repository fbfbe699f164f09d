"""Training: settings of a new run, all runs side by side, the live one below."""

from functools import partial

import streamlit as st

from core.access.accounts import Account
from core.access.permissions import Action, may
from core.errors import BloodCellsError
from core.training import runs
from core.training.config import TrainConfig
from core.training.runs import Run
from core.training.runs.timing import expected_s
from pages.components.shared import data_set, resources
from pages.components.shared.words import plain
from pages.components.shell import guard, layout
from pages.components.training import actions
from pages.components.training.form import training_form
from pages.components.training.table import duration, runs_table
from pages.components.training.view import watch


def main() -> None:
    account = guard.require()
    layout.page("Training", "Teach a network to tell the cells apart, and watch how it learns.")
    may_train = may(account.role, Action.START_RUN)
    actions.notice()
    found = _runs()
    form, table = st.columns([4, 7], gap="medium")
    with form:
        _new_run(account, found, may_train)
    with table:
        chosen = _table(found, may_train)
    if chosen:
        alive = any(not run.is_over for run in found)
        watch([run.id for run in chosen], alive=alive)


def _runs() -> list[Run]:
    try:
        resources.queue().sweep()
    except BloodCellsError as error:
        st.error(plain(error))
    for message in runs.damaged_runs(resources.queue()):
        st.warning(plain(message))
    return runs.list_runs(resources.queue())


def _new_run(account: Account, found: list[Run], may_train: bool) -> None:
    st.subheader("New run", anchor=False)
    try:
        source = data_set.source()
    except BloodCellsError as error:
        st.error(plain(error))
        return
    st.caption(plain(source.message))
    if source.synthetic:
        st.warning("Synthetic images: what is trained on them is never a model for real cells.")
    with st.expander("Settings", icon=":material/tune:", expanded=not found):
        config = training_form(str(source.root), disabled=not may_train)
    if not may_train:
        st.caption("Only data scientists and admins start runs. You can look at all of them.")
    ready = may_train and config is not None
    begin = st.button("Start", type="primary", icon=":material/play_arrow:", disabled=not ready)
    if config is None:
        return
    st.caption(_time_it_takes(config, found))
    if begin:
        start = partial(runs.start, config, resources.queue(), account.id)
        actions.attempt(account, Action.START_RUN, config.architecture, start)


def _time_it_takes(config: TrainConfig, found: list[Run]) -> str:
    seconds = expected_s(config, found)
    if seconds is None:
        return "Time on this machine: unknown until the first epoch of a run of this kind."
    return f"At most about {duration(seconds)} on this machine, less if it stops early."


def _table(found: list[Run], may_train: bool) -> list[Run]:
    st.subheader("Runs", anchor=False)
    if not found:
        begin = "The settings beside this are ready to use: press Start."
        st.info(begin if may_train else "No runs yet. A data scientist or an admin can start one.")
        return []
    chosen = runs_table(found)
    running = [run for run in found if run.status == runs.Status.RUNNING]
    shown = "the one that is running" if running else "the newest"
    st.caption(f"Choose several to compare them; none chosen shows {shown}.")
    return chosen or running or found[:1]


main()
