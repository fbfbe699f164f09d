"""What is frozen when a case is signed: JSON with sorted keys. Reports are made from it alone."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from core.access.rows import Account
from core.cases.agreement import agreement
from core.cases.count import count
from core.cases.sittings import sittings
from core.cases.standing import standing
from core.records.cases.contents import NAMING, Case, Cell, Event, Kind, Model
from core.taxonomy import RESEARCH_USE

FORM = 1  # of the record; a later one may hold more


def text_of(
    case: Case, version: int, by: Account, at: datetime, reason: str | None, earlier: str | None
) -> str:
    """The record of a case with nothing left to do.

    Args:
        version: which this is; ``earlier`` is the hash of the one before, None for the first.
        by: who signs, and ``at`` when.
        reason: of the amendment, None for the first version.
    """
    models = list(dict.fromkeys(one.suggestion.model for one in case.cells if one.suggestion))
    told = {
        "form": FORM,
        "research_use": RESEARCH_USE,
        "case": {
            "id": case.id,
            "identifier": case.identifier,
            "stain": case.stain,
            "rule": case.rule,
            "opened_at": _moment(case.opened_at),
        },
        "version": version,
        "signed_by": {"username": by.username, "name": by.display_name},
        "signed_at": _moment(at),
        "reason": reason,
        "earlier_sha256": earlier,
        "readers": _readers(case.events),
        "images": [asdict(image) for image in case.images],
        "models": [asdict(model) for model in models],
        "cells": _cells(case, models),
        "counts": _counts(case),
        "agreement": _agreement(case),
    }
    return json.dumps(
        told, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )


def _readers(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Who read as what, from when to when; who settled, by their acts."""
    told: dict[tuple[str, str | None], dict[str, Any]] = {}
    for event in events:
        if event.place is None or event.kind not in (*NAMING, Kind.BEGIN):
            continue
        one = told.setdefault(
            (event.place.value, event.by),
            {"place": event.place.value, "username": event.by, "from": _moment(event.at)},
        )
        one["until"] = _moment(event.at)
    return list(told.values())


def _cells(case: Case, models: list[Model]) -> list[dict[str, Any]]:
    now, counted = standing(case.events), {*count(case).cells}

    def told(cell: Cell) -> dict[str, Any]:
        said = now.of(cell.id)
        return {
            "id": cell.id,
            "image": cell.image_id,
            "box": [round(edge, 1) for edge in cell.box],
            "diameter_um": round(cell.diameter_um, 2),
            "prediction": _prediction(cell, models),
            "first": said.first,
            "second": said.second,
            "settled": said.settled,
            "final": said.final,
            "counted": cell.id in counted,
        }

    return [told(cell) for cell in case.cells]


def _prediction(cell: Cell, models: list[Model]) -> dict[str, Any] | None:
    said = cell.suggestion
    if said is None:
        return None
    return {
        "reading": said.reading_id,
        "label": said.label,
        "confidence": said.confidence,
        "status": said.status,
        "model": models.index(said.model),
    }


def _counts(case: Case) -> dict[str, Any]:
    told = count(case).differential
    return {
        "white_cells": told.white_cells,
        "shares": [asdict(one) for one in told.shares],
        "beside": [asdict(one) for one in told.beside],
    }


def _agreement(case: Case) -> dict[str, Any] | None:
    if not sittings(case.rule, case.events).double:
        return None
    told = agreement(case)
    classes = [asdict(one) | {"share": one.share, "inside": one.inside} for one in told.classes]
    return asdict(told) | {"classes": classes}


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
