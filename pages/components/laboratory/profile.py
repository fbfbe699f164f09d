"""A new laboratory profile: images in, what is usual in them, before and after, use it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from core.access.accounts import Account
from core.access.permissions import Action, ask, may
from core.analysis import profile_job
from core.analysis.profiles import check_profile_name, keep_profile
from core.analysis.sampling import MOST_IMAGES
from core.errors import BloodCellsError
from core.jobs import Job, State
from core.records.sheets import SheetReading
from core.settings import settings
from core.vision.profile import Profile
from core.vision.profiling import FEWEST_CELLS
from pages.components.home.drop import ENDINGS
from pages.components.laboratory import use
from pages.components.reading import image
from pages.components.shared import cells, charts, job, resources
from pages.components.shared.words import plain

HANDED_OVER = "laboratory_images"  # (name, bytes) of each, from the Predict page
IMAGE_PX = 104


def draw(account: Account) -> None:
    """Draws the form, or the measuring as it goes on, and below it what was measured last."""
    st.subheader("New profile", anchor=False)
    handed: list[tuple[str, bytes]] | None = st.session_state.pop(HANDED_OVER, None)
    if handed:
        _start(f"laboratory-{datetime.now(UTC):%Y%m%d-%H%M%S}", handed, account)
    there = job.draw(profile_job.KIND, action=Action.MAKE_PROFILE)
    if not (there and there.is_live):
        _form(account)
    if there and there.state == State.FINISHED:
        _effect(there)
        _decision(there, account)


def _form(account: Account) -> None:
    files = st.file_uploader(
        f"{FEWEST_CELLS} or more images of single cells, or a ZIP of them; no labels needed. "
        f"Of more than {MOST_IMAGES:,}, so many are drawn by chance.",
        type=ENDINGS,
        accept_multiple_files=True,
        key="laboratory_upload",
    )
    name = st.text_input(
        "Name of the laboratory", key="laboratory_name", placeholder="e.g. ward-3-scanner"
    )
    if st.button(
        "Measure",
        key="laboratory_measure",
        type="primary",
        icon=":material/straighten:",
        disabled=not (files and name),
    ):
        _start(name, [(file.name, file.getvalue()) for file in files], account)


def _start(name: str, files: list[tuple[str, bytes]], account: Account) -> None:
    try:
        check_profile_name(name, settings())
        ask(resources.store(), account, Action.MAKE_PROFILE, name)
        bundle = resources.deployed().bundle
        profile_job.start(name, files, bundle, resources.queue(), account.id)
    except BloodCellsError as error:
        st.error(plain(error), icon=":material/error:")
    else:
        st.rerun()


def _effect(there: Job) -> None:
    told = there.outcome or {}
    profile, count = Profile.model_validate(told["profile"]), told["images"]
    st.subheader(f"Before and after: {plain(profile.name)}", anchor=False)
    facts = st.columns(3)
    facts[0].metric("Cells measured", profile.cells)
    if left_out := told.get("left_out"):
        st.caption(f"{left_out} more could not be read, or the model could not take them.")
    what, share = _usual_size(profile)
    facts[1].metric(f"Median {what}, of the image's side", f"{share:.0%}")
    facts[2].metric("Predictions that change", f"{told['changed']} of {count}")
    sides = zip(st.columns(2), ("without", "under"), ("before", "after"), strict=True)
    for side, word, key in sides:
        with side:
            st.markdown(f"**Class mix {word} the profile**")
            charts.draw(charts.probability_bars(told[key]["classes"]), key=f"laboratory_{key}")
            sure = told[key]["confident"]
            st.caption(f"{sure} of {count} confident")
    for title, kind in (
        ("As uploaded", profile_job.CAME),
        ("As the network sees them", profile_job.SEEN),
    ):
        _images(title, resources.queue().folders.of(there.id) / kind)


def _usual_size(profile: Profile) -> tuple[str, float]:
    """What the model frames images by, and how large it is there."""
    if profile.cell_share is not None:
        return "cell", profile.cell_share
    return "nucleus", profile.nucleus_share or 0.0


def _images(title: str, folder: Path) -> None:
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    if files:
        st.markdown(f"**{title}**")
        cells.gallery([cells.Card(file.read_bytes()) for file in files], IMAGE_PX)


def _decision(there: Job, account: Account) -> None:
    with st.container(horizontal=True):
        st.button(
            "Use this profile",
            key="laboratory_accept",
            type="primary",
            icon=":material/check:",
            on_click=_accept,
            args=(there, account),
        )
        st.button(
            "Discard it",
            key="laboratory_discard",
            on_click=job.dismiss,
            args=(there, Action.MAKE_PROFILE),
        )
    st.caption("Undecided, its images are deleted after a week.")


def _accept(there: Job, account: Account) -> None:
    profile = Profile.model_validate((there.outcome or {})["profile"])
    try:
        keep_profile(resources.store(), settings(), account, profile)
    except BloodCellsError as error:
        st.session_state[use.FAILED] = str(error)
        return
    use.use(profile.name, account)
    resources.queue().dismiss(there.id)


def hint(readings: Sequence[SheetReading], profile: Profile | None, account: Account) -> None:
    """Tells whoever has many cells predicted without a profile that one would help.

    Draws it where there are cells enough and no profile is in use.
    """
    own = [one for one in readings if not one.is_example]
    if profile is not None or len(own) < FEWEST_CELLS:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"These {len(own)} cells are predicted without a laboratory profile. "
            "If they come from one laboratory, a profile can make the predictions better."
        )
        if not may(account.role, Action.MAKE_PROFILE):
            st.caption("A data scientist or an admin can make one.")
        elif st.button("Make one from these", key="predict_profile", icon=":material/science:"):
            st.session_state[HANDED_OVER] = _kept_images(own, account)
            st.switch_page("pages/laboratory.py")


def _kept_images(readings: Sequence[SheetReading], account: Account) -> list[tuple[str, bytes]]:
    """Name and bytes of those that are kept."""
    found = ((one.name, image.bytes_of(one, account)) for one in readings)
    return [(name, data) for name, data in found if data]
