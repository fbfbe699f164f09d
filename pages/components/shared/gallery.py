"""The gallery of answers: one component for all cards, so that hundreds stay quick."""

import base64
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.prediction import Status
from core.taxonomy import kind
from pages.components.predict.sheet import Shown
from pages.components.shell.layout import ASSETS

_component = st.components.v2.component(
    "answer_gallery",
    html='<div class="gallery"></div>',
    css=(ASSETS / "gallery.css").read_text(encoding="utf-8"),
    js=(ASSETS / "gallery.js").read_text(encoding="utf-8"),
)


def gallery(
    groups: Sequence[tuple[str, Sequence[Shown]]],
    *,
    key: str,
    chosen: int | None = None,
    on_choose: Callable[[int], None] | None = None,
) -> None:
    """Draws groups of answers under their titles; a click gives the reading id."""

    def choose() -> None:
        picked = st.session_state[key].get("chosen")
        if on_choose is not None and isinstance(picked, int):
            on_choose(picked)

    data = {
        "chosen": chosen,
        "groups": [
            {"title": title, "count": f"{len(shown)}", "cells": [_card(s) for s in shown]}
            for title, shown in groups
        ],
    }
    _component(key=key, data=data, on_chosen_change=choose)


def _card(shown: Shown) -> dict[str, Any]:
    prediction, known = shown.prediction, kind(shown.final)
    # Of the class on the card, which a person may have chosen; none of what is outside the classes.
    own = {**prediction.probabilities, prediction.label: prediction.confidence}.get(shown.final)
    note = "Example" if shown.example else prediction.status.capitalize()
    if shown.open:
        note = "Refer" if prediction.status == Status.REFERRED else "Review"
    if shown.label is not None:
        note = "Confirmed" if shown.label == prediction.label else "Corrected"
    return {
        "id": shown.reading_id,
        "name": prediction.cell.name,
        "label": known.name,
        "glyph": known.glyph,
        "colour": known.colour,
        "share": own or 0.0,
        "confidence": "" if own is None else f"{own:.1%}",
        "status": "review" if shown.open else "confident",
        "note": note,
        "jpeg": base64.b64encode(shown.thumbnail).decode(),
    }
