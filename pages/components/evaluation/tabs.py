"""The tabs under an evaluation; some are there without one, too."""

from collections.abc import Callable

import streamlit as st

from core.dataset.catalogue import Catalogue
from core.vision.bundle import Bundle
from pages.components.evaluation import (
    attributes,
    compare,
    figures,
    laboratories,
    matrix,
    risk,
    sets,
    slices,
    suspects,
)
from pages.components.evaluation import map as evaluation_map
from pages.components.evaluation.saved import Evaluated
from pages.components.shared import documents

Draw = Callable[[], None]


def tabs(bundle: Bundle, split: str, catalogue: Catalogue, home: Evaluated | None) -> None:
    """Draws the tabs of a bundle; only the open one computes anything.

    Args:
        split: the chosen split of the data set.
        catalogue: of the data set.
        home: the evaluation on that split, None where there is none that fits.
    """
    draw = {} if home is None else _of_the_split(bundle, split, home, catalogue)
    draw |= {
        "Reported automatically": lambda: risk.risk(bundle, split, home),
        "Laboratories": lambda: laboratories.laboratories(bundle, catalogue),
        "Card": lambda: documents.card(bundle.card),
    }
    if documents.TRIALS.is_file():
        draw["What was tried"] = documents.trials
    if home is not None and home[0].unreadable:
        draw["Unreadable"] = lambda: figures.unreadable(home[0])
    opened = st.tabs(list(draw), key="tab", on_change="rerun", bind="query-params")
    for tab, show in zip(opened, draw.values(), strict=True):
        if tab.open:
            with tab:
                show()


def _of_the_split(
    bundle: Bundle, split: str, home: Evaluated, catalogue: Catalogue
) -> dict[str, Draw]:
    result, metrics = home
    return {
        "By class": lambda: figures.by_class(metrics),
        "Calibration": lambda: figures.calibration(result, metrics),
        "Prediction sets": lambda: sets.prediction_sets(result, bundle.card),
        "Subtypes": lambda: figures.subtypes(result),
        "Attributes": lambda: attributes.attributes(result, catalogue),
        "Slices": lambda: slices.slices(result, catalogue),
        "Map": lambda: evaluation_map.cell_map(result, catalogue.root),
        "All errors": lambda: matrix.samples(result.errors(), catalogue.root, "errors"),
        "Compare": lambda: compare.comparison(bundle, split, catalogue, result),
        "Conflicting labels": lambda: suspects.suspects(result, catalogue),
    }
