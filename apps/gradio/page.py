"""The page: an image goes in, the prediction stands beside it, and a person may say otherwise."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import gradio as gr

from apps.gradio import card
from apps.gradio.desk import Desk
from core.analysis.intake import read_image
from core.analysis.logging import LoggedPrediction
from core.dataset.synthetic import example_cells
from core.errors import BloodCellsError
from core.logs import log
from core.taxonomy import CLASSES, OUTSIDE, CellClass, OutsideKind

EXAMPLE_PX = 72
AT_ONCE = 4  # images that are predicted at the same time; the network shares out the processors
P = ParamSpec("P")
T = TypeVar("T")
FAILED = "The server failed. Its log holds the reason."
_KINDS: tuple[CellClass | OutsideKind, ...] = (*CLASSES, *OUTSIDE)
_LABELS = [(f"{kind.glyph} {kind.name}", kind.key) for kind in _KINDS]
Drawn = dict[Any, Any]  # components, and what becomes of them


class Page:
    """The components, and what happens to them; each event asks the database who is there."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._examples = desk, example_cells()
        with gr.Blocks(title=card.NAME, analytics_enabled=False, fill_width=True) as self.blocks:
            with gr.Row(elem_classes="top"):
                gr.HTML(card.head())
                self._who = gr.HTML()
            self._cautions = gr.HTML()
            with gr.Row():
                with gr.Column(scale=4, min_width=280):
                    self._inputs()
                    gr.HTML(card.FOOT)
                with gr.Column(scale=5, min_width=340):
                    self._outputs()
            self._connect()

    def _inputs(self) -> None:
        most = self._desk.settings.max_upload_mb
        self._image = gr.Image(
            label="Image of one cell",
            sources=["upload", "clipboard"],
            height=260,
            elem_classes="zone",
            placeholder=f"Drop or paste an image of one cell\nor choose one, up to {most} MB",
        )
        cells = [read_image(name, data) for name, data in self._examples]
        self._dataset = gr.Dataset(
            label="Drawn examples: not real cells; logged as such, and left out of the history",
            components=[gr.HTML(visible=False)],
            samples=[[card.image_tag(cell, EXAMPLE_PX, cell.name)] for cell in cells],
            type="index",
            elem_classes="examples",
        )

    def _outputs(self) -> None:
        self._card = gr.HTML(card.EMPTY)
        self._reading = gr.State()
        with gr.Column(visible=False) as self._verdict:
            self._label = gr.Radio(_LABELS, label="What do you say it is?", elem_classes="classes")
            self._flag = gr.Button("Save label", variant="primary", elem_classes="act")
        self._said = gr.HTML()
        self._undo = gr.Button("Undo", visible=False, elem_classes="act")

    def _connect(self) -> None:
        shown = [self._image, self._cautions, self._card, self._reading, self._label]
        verdict = [self._verdict, self._said, self._undo]
        choices = [self._reading, self._label]
        self.blocks.load(_logged(self.greet), None, self._who, show_progress="hidden")
        self.blocks.load(_logged(self.cautions), None, self._cautions, show_progress="hidden")
        # Without Gradio's preprocessing, which would decode the file and hand on another one.
        self._image.upload(
            _logged(self.predict),
            self._image,
            shown + verdict,
            preprocess=False,
            concurrency_limit=AT_ONCE,
        )
        self._dataset.click(_logged(self.example), self._dataset, shown + verdict)
        self._flag.click(_logged(self.flag), choices, verdict)
        self._undo.click(_logged(self.undo), self._reading, verdict)

    def greet(self, request: gr.Request) -> str:
        """Says who is signed in."""
        return card.who(self._desk.account(request.username))

    def cautions(self) -> str:
        """Says what everybody must know of the model, before anybody asks it."""
        try:
            return card.cautions(self._desk.cautions)
        except BloodCellsError as error:
            return card.refusal(str(error))

    def predict(self, sent: dict[str, Any], request: gr.Request) -> Drawn:
        """Predicts an upload."""
        name, path = str(sent.get("orig_name") or "image"), str(sent.get("path"))
        return self._drawn(lambda: self._desk.predict_upload(request.username, name, path))

    def example(self, number: int, request: gr.Request) -> Drawn:
        """Predicts a drawn cell; its reading is logged as an example."""
        name, data = self._examples[number]
        give = self._desk.predict
        return self._drawn(lambda: give(request.username, name, data, "example"), drawn=True)

    def flag(self, reading: int, label: str | None, request: gr.Request) -> Drawn:
        """Logs what the person says the cell is."""
        if label is None:
            return {self._said: card.refusal("Choose what it is first.")}
        try:
            self._desk.flag(request.username, reading, label)
        except BloodCellsError as error:
            return {self._said: card.refusal(f"Not saved. {error}")}
        return self._settled(card.said(label), flagged=True)

    def undo(self, reading: int, request: gr.Request) -> Drawn:
        """Takes the person's last word back."""
        try:
            self._desk.undo_flag(request.username, reading)
        except BloodCellsError as error:
            return {self._said: card.refusal(f"Not undone. {error}")}
        return self._settled("", flagged=False)

    def _drawn(self, give: Callable[[], LoggedPrediction], *, drawn: bool = False) -> Drawn:
        """The prediction on the page; the zone is free for the next image."""
        try:
            logged = give()
            cautions = card.cautions(self._desk.cautions)  # another model may be in use by now
        except BloodCellsError as error:
            told: Drawn = {self._card: card.refusal(str(error)), self._reading: None}
            return (
                told
                | self._settled("", flagged=True)
                | {self._image: None, self._undo: gr.Button(visible=False)}
            )
        return {
            self._image: None,
            self._cautions: cautions,
            self._card: card.prediction(logged, drawn=drawn),
            self._reading: logged.reading_id,
            self._label: gr.Radio(value=None),
            **self._settled("", flagged=False),
        }

    def _settled(self, said: str, *, flagged: bool) -> Drawn:
        return {
            self._said: said,
            self._verdict: gr.Column(visible=not flagged),
            self._undo: gr.Button(visible=flagged),
        }


def _logged(handle: Callable[P, T]) -> Callable[P, T]:
    """Logs what nobody foresaw, which Gradio would print as it is."""

    @wraps(handle)
    def logged(*given: P.args, **named: P.kwargs) -> T:
        try:
            return handle(*given, **named)
        except Exception as error:
            log.error("page_failed", page="gradio", handler=handle.__name__, exc_info=error)
            raise gr.Error(FAILED, print_exception=False) from error

    return logged
