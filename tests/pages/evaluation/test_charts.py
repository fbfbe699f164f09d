"""The evaluation's charts: what a reader must not take for something else."""

import numpy as np

from core.taxonomy import CLASSES, KEYS
from pages.components.evaluation.charts import confusion_matrix


def test_no_symbol_of_a_class_is_turned_with_its_name() -> None:
    chart = confusion_matrix(np.eye(len(KEYS), dtype=int), KEYS, per_cent=False)
    across, down = chart.layout.xaxis.ticktext, chart.layout.yaxis.ticktext
    for known, turned, upright in zip(CLASSES, across, down, strict=True):
        assert known.name in turned
        assert known.glyph not in turned
        assert known.glyph in upright
