"""The gallery of predictions: one component for all cards, so that hundreds stay quick."""

import base64
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.prediction import Status
from core.records.sheets import SheetReading
from core.taxonomy import kind
from pages.components.shell.layout import ASSETS

_component = st.components.v2.component(
    "prediction_gallery",
    html='<div class="gallery"></div>',
    css=(ASSETS / "gallery.css").read_text(encoding="utf-8"),
    js=(ASSETS / "gallery.js").read_text(encoding="utf-8"),
)


def gallery(
    groups: Sequence[tuple[str, Sequence[SheetReading]]],
    *,
    key: str,
    chosen: int | None = None,
    on_choose: Callable[[int], None] | None = None,
) -> None:
    """Draws groups of predictions under their titles; a click gives the reading id."""

    def choose() -> None:
        picked = st.session_state[key].get("chosen")
        if on_choose is not None and isinstance(picked, int):
            on_choose(picked)

    data = {
        "chosen": chosen,
        "groups": [
            {"title": title, "count": f"{len(readings)}", "cells": [_card(a) for a in readings]}
            for title, readings in groups
        ],
    }
    _component(key=key, data=data, on_chosen_change=choose)


def _card(reading: SheetReading) -> dict[str, Any]:
    known, said = kind(reading.final_label), f"{reading.confidence:.1%}"
    note = "Example" if reading.is_example else Status(reading.status).shown
    if reading.is_open:
        note = "Refer" if reading.is_suspected else "Review"
    if reading.person_label is not None:
        note = "Corrected" if reading.is_corrected else "Confirmed"
    # A confidence is the model's in its own class: it says nothing of the class a person gave.
    return {
        "id": reading.id,
        "name": reading.name,
        "label": known.name,
        "glyph": known.glyph,
        "colour": known.colour,
        "share": None if reading.is_corrected else reading.confidence,
        "confidence": "" if reading.is_corrected else said,
        "model": f"Model: {kind(reading.label).name}, {said}" if reading.is_corrected else "",
        "status": "review" if reading.is_open else "confident",
        "note": note,
        "jpeg": base64.b64encode(reading.thumbnail or b"").decode(),
    }
