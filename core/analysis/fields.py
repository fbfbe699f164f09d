"""A whole field: its cells are found, and the white ones predicted."""

import hashlib
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.analysis.archive import shown_name
from core.analysis.intake import CellImage, Refused, failed
from core.analysis.predictor import Predictor
from core.errors import BloodCellsError, ImageRefusedError
from core.fields.crops import crop_cell
from core.fields.find import COARSEST_UM, FoundCell, FoundField, find_cells
from core.images import read
from core.prediction import Box, Prediction


@dataclass(frozen=True)
class FieldReading:
    """What is seen in a field.

    Attributes:
        name: file name, for showing only.
        sha256: of the file's bytes, hex.
        predictions: of white cells that the edge does not cut, by their place in ``found.cells``.
        seconds: that it took to find and predict them.
    """

    name: str
    sha256: str
    found: FoundField
    predictions: Mapping[int, Prediction | Refused]
    seconds: float

    @property
    def told(self) -> list[Prediction]:
        """What is predicted of its white cells, in scan order."""
        return [one for one in self.predictions.values() if isinstance(one, Prediction)]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: the field, and all its cells in one list."""
        return {
            "width": self.found.width,
            "height": self.found.height,
            "seconds": round(self.seconds, 3),
            "um_per_px": round(self.found.um_per_px, 5),
            "um_per_px_estimated": self.found.estimated,
            "cells": [
                _told(cell) | _predicted(self.predictions.get(place))
                for place, cell in enumerate(self.found.cells)
            ],
        }


def _told(cell: FoundCell) -> dict[str, Any]:
    return {
        "box": [round(edge, 1) for edge in cell.box],
        "kind": cell.kind,
        "score": round(cell.score, 4),
        "cut": cell.cut,
        "diameter_um": round(cell.diameter_um, 2),
    }


def _predicted(given: Prediction | Refused | None) -> dict[str, Any]:
    if given is None:
        return {}
    if isinstance(given, Refused):
        return {"error": given.reason}
    return {"label": given.label, "confidence": given.confidence, "status": given.status.value}


def read_field(
    name: str, data: bytes, predictor: Predictor, um_per_px: float | None = None
) -> FieldReading | Refused:
    """Reads one image, be it of a whole field or of one cell. Never raises for an image's sake.

    Args:
        name: as the user calls it.
        data: the file's bytes, not to be trusted.
        um_per_px: where it is known better than the file tells; else the file's own word, else
            the field's red cells, are the ruler.

    Raises:
        BloodCellsError: the model is at fault, whatever the image.
    """
    started = time.perf_counter()
    try:
        decoded = read(data, bordered=True)
        found = find_cells(decoded.image, um_per_px or _likely(decoded.um_per_px))
    except ImageRefusedError as error:
        return Refused(shown_name(name), str(error))
    except BloodCellsError:
        raise
    except Exception as error:  # whatever an image provokes stays with it; it is logged
        return failed(shown_name(name), error)
    sha256 = hashlib.sha256(data).hexdigest()
    whole = [place for place, cell in enumerate(found.cells) if cell.kind == "wbc" and not cell.cut]
    cells = [found.cells[place] for place in whole]
    images = [
        CellImage(
            name=shown_name(name),
            sha256=sha256,
            rgb=crop_cell(decoded.image, cell, found.um_per_px),
            encoded=data,
            size_px=decoded.size_px,
            um_per_px=found.um_per_px,
            format=decoded.format,
        )
        for cell in cells
    ]
    given = [
        one if isinstance(one, Refused) else replace(one, cell=replace(one.cell, box=_box(cell)))
        for one, cell in zip(predictor.stream(images), cells, strict=True)
    ]
    predictions = dict(zip(whole, given, strict=True))
    seconds = time.perf_counter() - started
    return FieldReading(shown_name(name), sha256, found, predictions, seconds)


def _likely(um_per_px: float | None) -> float | None:
    """What a file says of its scale, unless no cell could be told at it: then nobody set it."""
    return um_per_px if um_per_px and um_per_px <= COARSEST_UM else None


def _box(cell: FoundCell) -> Box:
    left, top, right, bottom = cell.box
    x, y = math.floor(left), math.floor(top)
    return Box(x, y, math.ceil(right) - x, math.ceil(bottom) - y)
