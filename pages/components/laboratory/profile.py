"""A new laboratory profile: pictures in, what is usual in them, before and after, use it."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from core.access.accounts import Account, Role
from core.analysis.intake import CellImage, read_upload
from core.analysis.limits import UploadLimits
from core.analysis.predictor import Predictor
from core.analysis.profiles import save_profile
from core.errors import BloodCellsError
from core.prediction import Prediction, Status
from core.settings import settings
from core.taxonomy import KEYS
from core.vision.preparation import Preparation
from core.vision.profile import Profile
from core.vision.profiling import FEWEST_CELLS, make_profile
from pages.components.home.drop import ENDINGS
from pages.components.laboratory import use
from pages.components.predict.sheet import Sheet
from pages.components.shared import cells, charts, resources

DRAFT = "laboratory_draft"
HANDED_OVER = "laboratory_pictures"  # (name, bytes) of each, from the Predict page
MAY_SET_UP = (Role.SCIENTIST, Role.ADMIN)
SHOWN = 7
PICTURE_PX = 104


@dataclass(frozen=True, eq=False)
class Draft:
    """A profile that is not kept yet, and what it would change."""

    profile: Profile
    images: list[CellImage]
    before: list[Prediction]
    after: list[Prediction]


def draw(account: Account) -> None:
    """Draws the form, and below it the profile that was measured last."""
    st.subheader("New profile", anchor=False)
    files = st.file_uploader(
        f"{FEWEST_CELLS} or more pictures of single cells, or a ZIP of them; no labels needed",
        type=ENDINGS,
        accept_multiple_files=True,
        key="laboratory_upload",
    )
    name = st.text_input(
        "Name of the laboratory", key="laboratory_name", placeholder="e.g. ward-3-scanner"
    )
    handed: list[tuple[str, bytes]] | None = st.session_state.pop(HANDED_OVER, None)
    if handed:
        _try(f"laboratory-{datetime.now(UTC):%Y%m%d}", handed)
    if st.button(
        "Measure",
        key="laboratory_measure",
        type="primary",
        icon=":material/straighten:",
        disabled=not (files and name),
    ):
        _try(name, [(file.name, file.getvalue()) for file in files])
    draft: Draft | None = st.session_state.get(DRAFT)
    if draft:
        _effect(draft)
        _decision(draft, account)


def _try(name: str, files: list[tuple[str, bytes]]) -> None:
    st.session_state.pop(DRAFT, None)
    try:
        st.session_state[DRAFT] = _measured(name, files)
    except BloodCellsError as error:
        st.error(str(error), icon=":material/error:")


def _measured(name: str, files: list[tuple[str, bytes]]) -> Draft:
    predictor = resources.predictor()
    plain = Predictor(predictor.classifier)
    limits, bar = UploadLimits.from_settings(settings()), st.progress(0.0, "Reading the pictures")
    images: list[CellImage] = []
    for number, (file, data) in enumerate(files):
        items = read_upload(file, data, limits, plain.at_least_px)
        images += [item for item in items if isinstance(item, CellImage)]
        bar.progress(0.4 * (number + 1) / len(files), f"{len(images)} pictures read")

    def tell(done: int, total: int) -> None:
        bar.progress(0.4 + 0.3 * done / total, f"{done} of {total} cells measured")

    profile = make_profile(name, [image.picture for image in images], plain.classifier, tell)
    bar.progress(0.8, "Comparing")
    before, after = plain.predict(images), Predictor(plain.classifier, profile).predict(images)
    bar.empty()
    return Draft(profile, images, before, after)


def _effect(draft: Draft) -> None:
    st.subheader("Before and after", anchor=False)
    facts = st.columns(3)
    facts[0].metric("Cells measured", draft.profile.cells)
    facts[1].metric("Median nucleus, of the picture's side", f"{draft.profile.nucleus_share:.0%}")
    changed = [
        pair
        for pair in zip(draft.before, draft.after, strict=True)
        if pair[0].label != pair[1].label
    ]
    facts[2].metric("Answers that change", f"{len(changed)} of {len(draft.after)}")
    left, right = st.columns(2)
    for side, title, answers in (
        (left, "Class mix without the profile", draft.before),
        (right, "Class mix under the profile", draft.after),
    ):
        with side:
            st.markdown(f"**{title}**")
            charts.draw(charts.probability_bars(_mix(answers)), key=f"laboratory_{title}")
            sure = sum(answer.status == Status.CONFIDENT for answer in answers)
            st.caption(f"{sure} of {len(answers)} confident, the others for review or rejected")
    _pictures(draft)


def _mix(answers: list[Prediction]) -> dict[str, float]:
    counts = Counter(answer.label for answer in answers)
    return {key: counts[key] / len(answers) for key in KEYS}


def _pictures(draft: Draft) -> None:
    view = resources.predictor().classifier.bundle.card.view
    shown = draft.images[:: max(1, len(draft.images) // SHOWN)][:SHOWN]
    st.markdown("**As they came**")
    cells.gallery([cells.Card(image.encoded) for image in shown], PICTURE_PX)
    if view:
        st.markdown("**As the network sees them**")
        see = Preparation(2 * PICTURE_PX, view)
        seen = [see(image.picture, draft.profile) for image in shown]
        cells.gallery([cells.Card(picture) for picture in seen], PICTURE_PX)


def _decision(draft: Draft, account: Account) -> None:
    with st.container(horizontal=True):
        st.button(
            "Use this profile",
            key="laboratory_accept",
            type="primary",
            icon=":material/check:",
            on_click=_accept,
            args=(draft, account),
        )
        st.button("Discard it", key="laboratory_discard", on_click=_discard)


def _accept(draft: Draft, account: Account) -> None:
    save_profile(draft.profile, settings())
    use.use(draft.profile.name, account)
    _discard()


def _discard() -> None:
    st.session_state.pop(DRAFT, None)


def hint(sheet: Sheet, profile: Profile | None, account: Account) -> None:
    """Tells whoever answers many cells without a profile that one would help.

    Draws it where there are cells enough and no profile is in use.
    """
    own = [shown for shown in sheet.answers.values() if not shown.example]
    if profile is not None or len(own) < FEWEST_CELLS:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"These {len(own)} cells are answered without a laboratory profile. "
            "If they come from one laboratory, a profile can make the answers better."
        )
        if account.role not in MAY_SET_UP:
            st.caption("A data scientist or an admin can make one.")
        elif st.button("Make one from these", key="predict_profile", icon=":material/science:"):
            st.session_state[HANDED_OVER] = [(one.prediction.cell.name, one.picture) for one in own]
            st.switch_page("pages/laboratory.py")
