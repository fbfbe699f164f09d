"""Predict: drop images of cells, see what they are, confirm or correct."""

import streamlit as st

from core.analysis.predictor import Predictor
from core.dataset.synthetic import example_cells
from core.errors import BloodCellsError, BundleError, LogFailedError
from core.records.history import rows
from core.records.history.filter import Viewer
from core.records.sheets import Sheet, open_sheet
from core.records.store import Store
from core.settings import settings
from core.vision.card.cautions import cautions
from pages.components.home import drop
from pages.components.laboratory import profile as laboratory_profile
from pages.components.predict import paste, results, sheets
from pages.components.predict.inbox import Inbox, Upload, inbox
from pages.components.predict.predicting import predict_waiting
from pages.components.predict.sheet import OnSheet
from pages.components.reading import view as view_of
from pages.components.shared import resources
from pages.components.shared.gallery import gallery
from pages.components.shared.words import plain
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


def take_in(box: Inbox, first: bool) -> None:
    """Everything that was handed in since the last run waits for its prediction."""
    for name, data in st.session_state.pop(drop.KEY, []):
        box.hand_in(name, data)
    st.session_state.pop(drop.WAITING, None)
    if first:
        st.html(TALL_ZONE)
    files = st.file_uploader(
        "Drop images of single cells, or a ZIP of them",
        type=drop.ENDINGS,
        accept_multiple_files=True,
        key=f"predict_upload_{box.zone}",
        label_visibility="visible" if first else "collapsed",
    )
    for file in files:
        box.offer(Upload(file.file_id, file.name, file.getvalue()))
    paste.listen(box.hand_in)


def empty(store: Store) -> None:
    limit = settings().max_upload_mb
    st.caption(
        "JPEG, PNG, BMP, TIFF, WebP, GIF or a ZIP of up to 1,000 images, "
        f"{limit} MB each; or paste one with Ctrl+V. One cell in the middle of each image."
    )
    st.button(
        "Try with example cells",
        key="predict_examples",
        icon=":material/science:",
        help="Eight synthetic images, one of each class. They stay out of the history.",
        on_click=hand_in_examples,
    )
    with st.container(horizontal=True):
        sheets.earlier(store, account)
        st.page_link("pages/history.py", label="Earlier readings", icon=":material/history:")


def hand_in_examples() -> None:
    for name, data in example_cells():
        inbox().hand_in(name, data, example=True)


def ask() -> Predictor:
    """What predicts now, for whom it still may: an account may be disabled while images wait."""
    guard.require()
    return resources.predictor()


def work(box: Inbox, store: Store) -> None:
    """Predicts what waits, showing the first predictions before the last image is read."""
    bar, arriving = st.progress(0.0, "Reading the images"), st.empty()
    files = len(box.waiting)
    for images in predict_waiting(box, ask, store, account, settings()):
        share = sum(box.done[key] > 0 for key in box.waiting) / files
        bar.progress(share, f"{images} images read")
        on = OnSheet.of(store, open_sheet(store, account.id))
        with arriving.container():
            gallery([("", on.by_doubt[:FIRST_SHOWN])], key=f"predict_arriving_{images}")
    box.zone += 1
    st.rerun()


def show(sheet: Sheet, on: OnSheet, store: Store) -> None:
    results.summary(on)
    is_open = sheet.account_id == account.id and sheet.closed_at is None
    if is_open:
        laboratory_profile.hint(on.readings, resources.predictor().profile, account)
    view = results.bar(on, sheet, account)
    sides = st.container(key="predict_sides")
    left, right = sides.columns([4, 3], gap="medium")
    with left:
        results.overview(on, view)
        if is_open:
            turn_over(store)
    current = on.current
    with right:
        if current:
            viewer = Viewer(account.role, account.id)
            view_of.draw(rows.reading(store, viewer, current.id), account)
            results.steps(on)


def turn_over(store: Store) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.button(
            "Start a new sheet",
            key="predict_new_sheet",
            icon=":material/note_add:",
            help="The predictions stay in the history, and this sheet among the earlier ones.",
            on_click=sheets.start_new,
            args=(store, account),
        )
        sheets.earlier(store, account)


def earlier(sheet: Sheet, store: Store) -> None:
    """A sheet that is looked at again: judged like any other, but nothing new comes on it."""
    sheets.heading(sheet, account)
    on = OnSheet.of(store, sheet)
    if on.readings:
        show(sheet, on, store)


def main(store: Store) -> None:
    asked_for = sheets.asked_for(store, account)
    if asked_for:
        earlier(asked_for, store)
        return
    predictor, box = resources.predictor(), inbox()
    for caution in cautions(predictor.classifier.bundle.card):
        st.warning(caution, icon=":material/warning:")
    sheet = open_sheet(store, account.id)
    take_in(box, first=sheet is None)
    if sheet is None and not box.waiting:
        empty(store)
    try:
        if box.waiting:
            work(box, store)
    except LogFailedError as error:
        st.error(f"{plain(error)} What was read before is safe.", icon=":material/error:")
        st.button("Try again", key="predict_again")
    results.refused(box, expanded=sheet is None)
    if sheet:
        show(sheet, OnSheet.of(store, sheet), store)


layout.page("Predict", "Which cell is it, how confident is the prediction, and what do you say?")
try:
    main(resources.store())
except BundleError as error:
    st.error(f"No model can predict. {plain(error)}", icon=":material/error:")
except BloodCellsError as error:
    st.error(plain(error), icon=":material/error:")
