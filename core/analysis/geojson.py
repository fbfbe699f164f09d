"""The cells of a field as GeoJSON, which QuPath and others open as objects."""

from typing import Any

from core.analysis.fields import FieldReading
from core.analysis.intake import Refused
from core.taxonomy import kind

_COLOURS = {"wbc": "#774CD7", "rbc": "#C0392B", "platelet": "#6E7069"}
_NAMES = {"wbc": "White cell", "rbc": "Red cell", "platelet": "Platelet"}


def features(reading: FieldReading) -> dict[str, Any]:
    """A feature collection: a rectangle for each cell, in px of the image."""
    return {
        "type": "FeatureCollection",
        "features": [_feature(reading, place) for place in range(len(reading.found.cells))],
    }


def _feature(reading: FieldReading, place: int) -> dict[str, Any]:
    cell, given = reading.found.cells[place], reading.predictions.get(place)
    left, top, right, bottom = (round(edge, 1) for edge in cell.box)
    ring = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
    name, colour = _NAMES[cell.kind], _COLOURS[cell.kind]
    measured = {"Score": cell.score, "Diameter µm": cell.diameter_um}
    if given is not None and not isinstance(given, Refused):
        name, colour = kind(given.label).name, kind(given.label).colour
        measured["Confidence"] = given.confidence
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {
            "objectType": "detection",
            "classification": {"name": name, "color": [*bytes.fromhex(colour[1:])]},
            "measurements": measured,
        },
    }
