"""Predict: drop pictures of cells, see what they are, confirm or correct."""

import streamlit as st

from core.access.accounts import Account
from core.analysis.predictor import Predictor
from core.dataset.synthetic import example_cells
from core.errors import BloodCellsError, BundleError, LogFailedError
from core.settings import settings
from pages.components.home import drop
from pages.components.laboratory import profile as laboratory_profile
from pages.components.predict import paste, results
from pages.components.predict.answer import answer
from pages.components.predict.answering import answer_waiting
from pages.components.predict.sheet import Sheet, Upload, sheet
from pages.components.shared import resources
from pages.components.shared.gallery import gallery
from pages.components.shell import guard, layout

account = guard.require()
FIRST_SHOWN = 24
TALL_ZONE = """<style>
[data-testid="stFileUploaderDropzone"] {
  min-height: 13rem; display: flex; flex-direction: column; align-items: center;
  justify-content: center;
}
[data-testid="stFileUploaderDropzone"] > * {flex: none;}
</style>"""


def take_in(page: Sheet) -> None:
    """Everything that was handed in since the last run goes on the sheet."""
    for name, data in st.session_state.pop(drop.KEY, []):
        page.hand_in(name, data)
    st.session_state.pop(drop.WAITING, None)
    if not page.answers:
        st.html(TALL_ZONE)
    files = st.file_uploader(
        "Drop pictures of single cells, or a ZIP of them",
        type=drop.ENDINGS,
        accept_multiple_files=True,
        key=f"predict_upload_{page.zone}",
        label_visibility="collapsed" if page.answers else "visible",
    )
    for file in files:
        page.offer(Upload(file.file_id, file.name, file.getvalue()))
    paste.listen(page.hand_in)


def empty() -> None:
    limit = settings().max_upload_mb
    st.caption(
        "JPEG, PNG, BMP, TIFF, WebP, GIF or a ZIP of up to 1,000 images, "
        f"{limit} MB each; or paste one with Ctrl+V. One cell in the middle of each picture."
    )
    st.button(
        "Try with example cells",
        key="predict_examples",
        icon=":material/science:",
        help="Eight drawn cells, one of each class. They are not real and stay out of the history.",
        on_click=hand_in_examples,
    )
    st.page_link("pages/history.py", label="Earlier readings", icon=":material/history:")


def hand_in_examples() -> None:
    for name, data in example_cells():
        sheet().hand_in(name, data, example=True)


def work(page: Sheet, predictor: Predictor, by: Account) -> None:
    """Answers what waits, showing the first answers before the last picture is read."""
    bar, arriving = st.progress(0.0, "Reading the pictures"), st.empty()
    files = len(page.waiting)
    for images in answer_waiting(page, predictor, resources.store(), by, settings()):
        share = sum(page.done[key] > 0 for key in page.waiting) / files
        bar.progress(share, f"{images} pictures read")
        with arriving.container():
            gallery([("", page.by_doubt()[:FIRST_SHOWN])], key=f"predict_arriving_{images}")
    page.zone += 1
    st.rerun()


def show(page: Sheet, by: Account) -> None:
    results.summary(page)
    laboratory_profile.hint(page, resources.predictor().profile, by)
    view = results.bar(page, by)
    sides = st.container(key="predict_sides")
    left, right = sides.columns([4, 3], gap="medium")
    with left:
        results.overview(page, view)
    current = page.current()
    with right:
        if current:
            answer(page, current, resources.store(), by)


def main(page: Sheet) -> None:
    predictor = resources.predictor()
    if predictor.classifier.bundle.card.synthetic:
        st.warning(
            "This bundle has only seen drawn cells. Its answers about real cells mean nothing.",
            icon=":material/warning:",
        )
    take_in(page)
    if not page.answers and not page.waiting:
        empty()
    try:
        if page.waiting:
            work(page, predictor, account)
    except LogFailedError as error:
        st.error(f"{error} What was answered before is safe.", icon=":material/error:")
        st.button("Try again", key="predict_again")
    results.refused(page)
    if page.answers:
        show(page, account)


layout.page("Predict", "Which cell is it, how sure is the answer, and what do you say?")
try:
    main(sheet())
except BundleError as error:
    st.error(f"No bundle can answer. {error}", icon=":material/error:")
except BloodCellsError as error:
    st.error(str(error), icon=":material/error:")
