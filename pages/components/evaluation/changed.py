"""The cells that changed sides between two bundles, each image with what each bundle said."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import streamlit as st

from core.evaluation.compare import Comparison
from core.taxonomy import cell_class
from pages.components.evaluation import matrix
from pages.components.shared import charts

SIDES = {
    "Gained": ("gained", "that B has right and A has wrong"),
    "Lost": ("lost", "that A has right and B has wrong"),
    "Both wrong": ("changed", "that both have wrong, each with another class"),
}


def changed(found: Comparison, root: Path) -> None:
    """Draws the menus of side and class, and the images that they leave."""
    st.subheader("Discordant cells")
    left, right = st.columns(2, vertical_alignment="bottom")
    side = left.segmented_control(
        "Cells", list(SIDES), default="Gained", required=True, key="changed", bind="query-params"
    )
    with right:
        true = matrix.class_menu("True class", "changed_class", tuple(found.by_class))
    change, what = SIDES[side]
    rows = found.changed()
    rows = rows[(rows["change"] == change) & ((rows["true"] == true) | (true is None))]
    if rows.empty:
        st.info(f"There is no cell {what}.")
        return
    st.caption(f"Cells {what}: {len(rows):,}. Those in which B is most confident come first.")
    captions = [_caption(cell) for cell in rows.to_dict("records")]
    matrix.samples(rows.assign(caption=captions), root, key=f"changed {change} {true}", side_px=128)


def _caption(cell: dict[Hashable, Any]) -> str:
    truth = cell["subtype"] or cell_class(cell["true"]).name
    said = (
        f"{letter.upper()}: {charts.class_name(cell[f'predicted_{letter}'])} "
        f"{cell[f'confidence_{letter}']:.1%}"
        for letter in "ab"
    )
    return "\n".join((f"Labelled {truth.lower()}", *said))
