"""The front page's tiles: what each role comes back for."""

from datetime import UTC, datetime

import streamlit as st

from core.access import accounts
from core.access.accounts import Account, Role
from core.dataset.catalogue import load_catalogue
from core.dataset.sources import on_disk
from core.errors import BloodCellsError, DatasetError
from core.prediction import NEEDS_REVIEW
from core.records import history
from core.records.history import rows
from core.records.history.filter import HistoryFilter, Verdict, Viewer
from core.settings import settings
from pages.components.shared import cells, resources

LAST = 4


def draw(account: Account) -> None:
    """Draws the three tiles of the account's role."""
    drawn = {
        Role.CLINICIAN: (_last_readings, _to_review, _bundle),
        Role.SCIENTIST: (_data, _last_run, _bundle),
        Role.ADMIN: (_people, _locked, _readings_today),
    }[account.role]
    for column, tile in zip(st.columns(3), drawn, strict=True):
        with column, st.container(border=True, height="stretch"):
            tile(account)


def _viewer(account: Account) -> Viewer:
    return Viewer(account.role, account.id)


def _last_readings(account: Account) -> None:
    st.markdown("**Your last readings**")
    found = rows.newest(resources.store(), _viewer(account), HistoryFilter(), page=1, per_page=LAST)
    for reading in found:
        cells.class_badge(reading.person_label or reading.prediction.label)
        said = reading.prediction
        st.caption(
            f"{said.confidence:.1%}, {said.status.shown.lower()}, {reading.at:%d %b %H:%M} UTC"
        )
    if not found:
        st.write("None yet. Drop an image above.")
    st.page_link("pages/history.py", label="History", icon=":material/history:")


def _to_review(account: Account) -> None:
    waiting = history.totals(
        resources.store(),
        _viewer(account),
        HistoryFilter(statuses=NEEDS_REVIEW, verdict=Verdict.NONE),
    )
    st.metric("Your predictions for review", waiting.readings)
    st.caption("They wait for review: nobody has looked yet.")
    st.page_link(
        "pages/history.py",
        label="Look at them",
        icon=":material/visibility:",
        query_params={
            "time": "All time",
            "status": [status.capitalize() for status in NEEDS_REVIEW],
            "verdict": Verdict.NONE.capitalize(),
            "view": "Readings",
        },
    )


def _bundle(account: Account) -> None:
    st.markdown("**Model in use**")
    try:
        card = resources.active_bundle().card
    except BloodCellsError as error:
        _no_bundle(account, error)
        return
    st.text(f"{card.name}\n{card.architecture}, {card.created:%d %B %Y}")
    if account.role == Role.SCIENTIST:
        st.page_link("pages/evaluation.py", label="Evaluation", icon=":material/grid_on:")


def _no_bundle(account: Account, error: BloodCellsError) -> None:
    st.text(str(error))
    if account.role == Role.SCIENTIST:
        st.page_link("pages/training.py", label="Train one", icon=":material/model_training:")
    else:
        st.write("Ask a data scientist for one.")


def _data(_: Account) -> None:
    st.markdown("**Data set**")
    try:
        source = on_disk(settings())
    except DatasetError as error:
        st.text(str(error))
        return
    known = load_catalogue(source.root, settings().cache_dir) if source else None
    if source is None:
        st.write("No real images here yet. The page fetches them, or works on synthetic ones.")
    elif known is None:
        st.text(f"{source.origin}\nNot looked through yet: the page does it.")
    else:
        st.text(
            f"{source.origin}\n{len(known.images):,} images, {len(known.problems):,} problems\n"
            f"Fingerprint {known.fingerprint}"
        )
    st.page_link("pages/dataset.py", label="Data set", icon=":material/photo_library:")


def _last_run(_: Account) -> None:
    from core.training import runs  # slow to import, and only data scientists see this tile

    st.markdown("**Last run**")
    found = runs.list_runs(resources.queue())
    if found:
        st.text(f"{found[0].id}\n{found[0].status}")
    else:
        st.write("None yet. Start one with the defaults.")
    st.page_link("pages/training.py", label="Training", icon=":material/model_training:")


def _people(_: Account) -> None:
    everyone = accounts.list_accounts(resources.store())
    active = [a for a in everyone if not a.disabled]
    st.metric("Active people", len(active))
    st.caption(", ".join(f"{_count(active, role)} {role.shown.lower()}" for role in Role))
    st.page_link("pages/people.py", label="People", icon=":material/group:")


def _count(people: list[Account], role: Role) -> int:
    return sum(person.role == role for person in people)


def _locked(_: Account) -> None:
    locked = [a for a in accounts.list_accounts(resources.store()) if a.locked]
    st.metric("Locked accounts", len(locked))
    if locked:
        st.text(", ".join(a.username for a in locked))
    else:
        st.caption("Nobody is kept out by failed sign-ins.")
    st.page_link("pages/people.py", label="People", icon=":material/lock:")


def _readings_today(account: Account) -> None:
    today = HistoryFilter(since=datetime.now(UTC).date())
    totals = history.totals(resources.store(), _viewer(account), today)
    st.metric("Readings today, UTC", totals.readings)
    st.caption(f"{totals.need_review} needed a look, {totals.corrected} were corrected.")
    st.page_link("pages/history.py", label="History", icon=":material/history:")
