"""The gallery of answers: one component for all cards, so that hundreds stay quick."""

import base64
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.prediction import Status
from core.records.sheets import Answer
from core.taxonomy import kind
from pages.components.shell.layout import ASSETS

_component = st.components.v2.component(
    "answer_gallery",
    html='<div class="gallery"></div>',
    css=(ASSETS / "gallery.css").read_text(encoding="utf-8"),
    js=(ASSETS / "gallery.js").read_text(encoding="utf-8"),
)


def gallery(
    groups: Sequence[tuple[str, Sequence[Answer]]],
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
            {"title": title, "count": f"{len(answers)}", "cells": [_card(a) for a in answers]}
            for title, answers in groups
        ],
    }
    _component(key=key, data=data, on_chosen_change=choose)


def _card(answer: Answer) -> dict[str, Any]:
    known = kind(answer.final_label)
    # Of the class on the card, which a person may have chosen; none of what is outside the classes.
    shares = {**answer.probabilities, answer.label: answer.confidence}
    own = shares.get(answer.final_label)
    note = "Example" if answer.is_example else answer.status.capitalize()
    if answer.is_open:
        note = "Refer" if answer.status == Status.REFERRED else "Review"
    if answer.person_label is not None:
        note = "Confirmed" if answer.person_label == answer.label else "Corrected"
    return {
        "id": answer.id,
        "name": answer.name,
        "label": known.name,
        "glyph": known.glyph,
        "colour": known.colour,
        "share": own or 0.0,
        "confidence": "" if own is None else f"{own:.1%}",
        "status": "review" if answer.is_open else "confident",
        "note": note,
        "jpeg": base64.b64encode(answer.thumbnail or b"").decode(),
    }
