"""What to know of a data set's files, as sections of its card: sizes, colours, copies, faults."""

from collections.abc import Sequence

import pandas as pd

from core.dataset import quality
from core.markdown import code, escaped, table
from core.taxonomy import KEYS, cell_class

_MOST = 20  # rows of what may be without end
_SIZES = 8
_EXAMPLES = 5  # names of files in one row
_COLOURS = {"mean_r": "Red", "mean_g": "Green", "mean_b": "Blue"}
_MEANINGS = (
    "the same cell under two classes",
    "neighbours in one field, with a part of the image in common",
    "the same cell, photographed again",
    "the same file, byte by byte",
)


def sizes(images: pd.DataFrame) -> str:
    """Images by size and mode, the most frequent first."""
    counts = images[["width", "height", "mode"]].value_counts().reset_index(name="images")
    width, height = images["width"], images["height"]
    told = (
        f"Width {width.min()} to {width.max()} px, height {height.min()} to {height.max()} px; "
        "the most frequent sizes first."
    )
    rows = [
        [f"{one.width} × {one.height}", str(one.mode), f"{one.images:,}"]
        for one in counts.head(_SIZES).itertuples()
    ]
    left = counts.iloc[_SIZES:]
    if len(left):
        rows.append([f"{len(left):,} others", "", f"{left['images'].sum():,}"])
    return f"## Sizes and modes\n\n{told}\n\n{table(['Size, px', 'Mode', 'Images'], rows)}"


def colours(images: pd.DataFrame) -> str:
    """Median and quartiles of colour and sharpness by class."""
    rows = [
        [
            cell_class(key).name,
            *(_quartiles(own[channel], 0) for channel in _COLOURS),
            _quartiles(own["sharpness"], 1),
        ]
        for key in KEYS
        if len(own := images[images["label"] == key])
    ]
    told = (
        "Median, and in brackets the quartiles, over the images of a class. Red, green and blue: "
        "mean over the whole image, 0 to 255. Sharpness: deviation of the Laplacian of the green "
        "channel; a blurred image has less."
    )
    head = ["Class", *_COLOURS.values(), "Sharpness"]
    return f"## Colour and sharpness\n\n{told}\n\n{table(head, rows)}"


def duplicates(images: pd.DataFrame) -> str:
    """How often a cell is shown more than once, and by which files where the classes differ."""
    title = "## Shown more than once"
    found = quality.duplicates(images)
    if found.empty:
        return f"{title}\n\nNothing found: no two images are of the same cell."
    groups = found.drop_duplicates("view")["kind"].value_counts()
    files = found["kind"].value_counts()
    rows = [
        [kind, meaning, f"{groups[kind]:,}", f"{files[kind]:,}"]
        for kind, meaning in zip(quality.KINDS, _MEANINGS, strict=True)
        if groups[kind]
    ]
    parts = [title, table(["Kind", "Meaning", "Groups", "Images"], rows)]
    contrary = found[found["kind"] == quality.KINDS[0]]
    if len(contrary):
        cells = [list(paths) for _, paths in contrary.groupby("view")["path"]]
        listed = [f"- {_listed(paths)}" for paths in cells[:_MOST]]
        parts += ["Under two classes:", "\n".join(listed), _more(len(cells))]
    return "\n\n".join(part for part in parts if part)


def problems(found: pd.DataFrame) -> str:
    """Files that are not used, by reason."""
    title = "## Files that are not used"
    if found.empty:
        return f"{title}\n\nNone: every file is an image that can be read."
    by_reason = [(str(reason), list(paths)) for reason, paths in found.groupby("problem")["path"]]
    by_reason.sort(key=lambda one: -len(one[1]))
    rows = [
        [escaped(reason), f"{len(paths):,}", _listed(paths)] for reason, paths in by_reason[:_MOST]
    ]
    parts = [title, table(["Reason", "Files", "Which"], rows), _more(len(by_reason))]
    return "\n\n".join(part for part in parts if part)


def _quartiles(values: pd.Series, digits: int) -> str:
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _listed(paths: Sequence[str]) -> str:
    shown = ", ".join(code(path) for path in paths[:_EXAMPLES])
    left = len(paths) - _EXAMPLES
    return f"{shown} and {left:,} more" if left > 0 else shown


def _more(rows: int) -> str:
    return f"And {rows - _MOST:,} more." if rows > _MOST else ""
