"""One image of the data set: in a grid, and large with all that is known of it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.dataset.catalogue import Catalogue
from core.errors import ImageRefusedError
from core.image_files import image_bytes
from core.images import decode
from pages.components.dataset import charts as data_charts
from pages.components.shared import cells, charts, data_set
from pages.components.shared.words import plain

_SIDE_PX = 120


def grid(
    catalogue: Catalogue, rows: pd.DataFrame, key: str, captions: Sequence[str] | None = None
) -> None:
    """Images side by side; a click on a name opens the image."""
    notes = captions or [""] * len(rows)
    with st.container(horizontal=True, gap="small"):
        for path, label, note in zip(rows["path"], rows["label"], notes, strict=True):
            with st.container(width=_SIDE_PX, gap="xxsmall"):
                _thumbnail(catalogue, path, label, note)
                name = path.rpartition("/")[2].rpartition(".")[0]
                if st.button(plain(name), key=f"{key} {path}", type="tertiary", help="Open"):
                    _open(catalogue, path)


def _thumbnail(catalogue: Catalogue, path: str, label: str, note: str) -> None:
    try:
        cells.draw_card(cells.Card(catalogue.root / path, label, note), _SIDE_PX)
    except (OSError, ImageRefusedError):
        st.caption("The file is gone or changed. Press “Look for changes”.")


@st.dialog("Image", width="large")
def _open(catalogue: Catalogue, path: str) -> None:
    row = catalogue.images[catalogue.images["path"] == path].iloc[0]
    try:
        rgb = np.asarray(decode(image_bytes(catalogue.root / path)))
    except (OSError, ImageRefusedError) as error:
        st.error(plain(f"{path} cannot be read any more: {error}"))
        return
    left, right = st.columns(2, gap="medium")
    with left:
        charts.draw(data_charts.pixels(rgb, 360), key="pixels")
        st.caption("Pixel values are under the cursor.")
    with right:
        cells.class_badge(row["label"])
        st.dataframe(_properties(catalogue, path, row), hide_index=True, height=325)
    charts.draw(data_charts.pixel_histogram(rgb), key="pixel histogram")


def _properties(catalogue: Catalogue, path: str, row: pd.Series) -> pd.DataFrame:
    channels = ("r", "g", "b")
    known = {
        "File": path,
        "Subtype": row["subtype"] if isinstance(row["subtype"], str) else "not given",
        "Split": data_set.split(catalogue)[path],
        "Size": f"{row['width']} × {row['height']} px, {row['mode']}",
        "File size": f"{row['bytes'] / 1024:.1f} KiB",
        "Mean red, green, blue": ", ".join(f"{row[f'mean_{c}']:.0f}" for c in channels),
        "Deviation red, green, blue": ", ".join(f"{row[f'std_{c}']:.0f}" for c in channels),
        "Sharpness": f"{row['sharpness']:.1f}",
        "SHA-256": row["sha256"],
    }
    return pd.DataFrame({"Property": list(known), "Value": list(known.values())})
