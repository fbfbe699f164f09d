"""Long work as pages show it: how far it is, who asked for it, how to stop it, why it failed.

The job is found in the database, by its kind and subject: after a reload, on another day, and by
whoever opens the page.
"""

import streamlit as st

from core.access.accounts import Account
from core.access.permissions import Action, ask, may
from core.errors import BloodCellsError
from core.jobs import Job, State
from pages.components.shared import resources
from pages.components.shared.words import plain
from pages.components.shell import guard

TICK_S = 1.0
FAILED = "job_failed"


def draw(kind: str, subject: str | None = None, *, action: Action) -> Job | None:
    """Draws the last job of a kind (and subject) unless it went well, and gives it.

    None where there is none, or somebody put it away. While it lives it draws itself anew each
    second, and when it ends, the page.

    Args:
        action: who may ask for such a job may stop it and put it away, too.
    """
    if failed := st.session_state.pop(FAILED, None):
        st.error(plain(failed), icon=":material/error:")
    queue = resources.queue()
    try:
        queue.sweep()
        job = queue.latest(kind, subject)
    except BloodCellsError as error:
        st.error(plain(error), icon=":material/error:")
        return None
    if job is None:
        return None
    if job.is_live:
        st.fragment(run_every=TICK_S)(_watch)(job.id, action)
    elif job.state != State.FINISHED:
        _ended(job, action)
    return job


def dismiss(job: Job, action: Action) -> None:
    """Puts an ended job away; as a click's callback."""
    account = guard.signed_in()
    if account is None:
        return
    try:
        _ask(account, action, job, "put_away")
        resources.queue().dismiss(job.id)
    except BloodCellsError as error:
        st.session_state[FAILED] = str(error)


def _ask(account: Account, action: Action, job: Job, what: str) -> None:
    told = {"job": job.id, "kind": job.kind}
    ask(resources.store(), account, action, job.subject, told, f"{action.code}_{what}")


def _watch(job_id: str, action: Action) -> None:
    account = guard.require()  # a fragment runs without its page
    queue = resources.queue()
    try:
        queue.sweep()
        job = queue.get(job_id)
    except BloodCellsError as error:
        st.error(plain(error), icon=":material/error:")
        return
    if not job.is_live:
        st.rerun()
    if job.state == State.QUEUED:
        st.progress(0.0, plain(job.message) or "Waits for other work to end")
    else:
        st.progress(job.share, plain(job.text) or "Starting")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Asked for by {plain(_who(job))}. You can leave this page: it goes on.")
        if job.is_stopping:
            _stop_button(job, account, action, at_once=True)
        else:
            _stop_button(job, account, action, at_once=False)


def _who(job: Job) -> str:
    return f"{job.by or 'the command line'}, {job.created:%d %B, %H:%M} UTC"


def _stop_button(job: Job, account: Account, action: Action, *, at_once: bool) -> None:
    label, icon = ("Stop at once", "dangerous") if at_once else ("Stop", "stop")
    if st.button(
        label,
        key=f"job_stop_{job.id}_{at_once}",
        icon=f":material/{icon}:",
        disabled=not may(account.role, action),
    ):
        try:
            _ask(account, action, job, "stop_requested")
            resources.queue().stop(job.id, at_once=at_once)
        except BloodCellsError as error:
            st.error(plain(error), icon=":material/error:")
        else:
            st.rerun()


def _ended(job: Job, action: Action) -> None:
    if job.state == State.FAILED:
        st.error(plain(job.message), icon=":material/error:")
    else:
        st.info(plain(job.message), icon=":material/stop_circle:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Asked for by {plain(_who(job))}.")
        st.button("Put away", key=f"job_dismiss_{job.id}", on_click=dismiss, args=(job, action))
    if job.log:
        with st.expander("Log", icon=":material/notes:"):
            st.code(job.log, language=None)
