"""Accuracy by how a cell was photographed: brightness, sharpness, scale; and by subtype.

samples = with_slices(result, measures(result, catalogue.images, shares))
slice_table(samples, "brightness")
"""

from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import ImageRefusedError
from core.evaluation.results import EvaluationResult
from core.image_files import image_bytes
from core.images import decode
from core.parallel import map_all
from core.shares import exact_limits
from core.vision.nucleus import SIDE_PX, find_nucleus

ENDS = {  # what the first and the last quarter are
    "brightness": ("darkest", "brightest"),
    "sharpness": ("most blurred", "sharpest"),
    "scale": ("smallest nuclei", "largest nuclei"),
}
SLICED = (*ENDS, "subtype")
UNMEASURED = "No nucleus measured"
COLUMNS = ("slice", "n", "errors", "accuracy", "low", "high", "least", "most")


def nucleus_shares(root: Path, result: EvaluationResult) -> np.ndarray:
    """(N,) the share of each image that its nucleus (a platelet's body) covers.

    It is nan where no nucleus is found, or the file is no longer there.
    """

    def share(path: str) -> float:
        try:
            image = decode(image_bytes(root / path), at_least_px=2 * SIDE_PX)
        except (ImageRefusedError, OSError):
            return float("nan")
        nucleus = find_nucleus(image)
        return nucleus.side_px**2 / (image.width * image.height) if nucleus else float("nan")

    return np.array(map_all(share, result.sample_ids))


def measures(
    result: EvaluationResult, images: pd.DataFrame, shares: np.ndarray
) -> dict[str, np.ndarray]:
    """By name of the measure, its value (N,) for each sample.

    Args:
        images: the usable rows of the catalogue that the result is from.
        shares: as ``nucleus_shares`` gives them.
    """
    rows = images.set_index("path").loc[list(result.sample_ids)]
    return {
        "brightness": rows[["mean_r", "mean_g", "mean_b"]].mean(axis=1).to_numpy(),
        "sharpness": rows["sharpness"].to_numpy(),
        "scale": shares,
    }


def with_slices(result: EvaluationResult, values: dict[str, np.ndarray]) -> pd.DataFrame:
    """``result.samples()`` with the slice that each sample falls into, a column for each measure.

    Quarters have the same number of images each, but for ties; where all are alike there are
    fewer.
    """
    samples = result.samples()
    for name, value in values.items():
        samples[name] = _quarters(value, ENDS[name])
        samples[f"{name} value"] = value
    return samples


def _quarters(values: np.ndarray, ends: tuple[str, str]) -> np.ndarray:
    names = np.array([f"Quarter 1, {ends[0]}", "Quarter 2", "Quarter 3", f"Quarter 4, {ends[1]}"])
    known = ~np.isnan(values)
    found = np.full(len(values), UNMEASURED, dtype=object)
    if known.any():
        limits = np.quantile(values[known], [0.25, 0.5, 0.75])
        found[known] = names[np.searchsorted(limits, values[known])]
    return found


def slice_table(samples: pd.DataFrame, by: str) -> pd.DataFrame:
    """One row a slice: slice, n, errors, accuracy with exact 95% limits low and high, least, most.

    ``least`` and ``most`` are the measure's in the slice; nan for subtypes and where nothing was
    measured.

    Args:
        samples: as ``with_slices`` gives them.
        by: one of ``SLICED``.
    """
    groups = samples[samples[by] != ""].groupby(by)
    rows = [_row(str(name), group, f"{by} value") for name, group in groups]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(name: str, group: pd.DataFrame, value: str) -> dict[str, object]:
    n, right = len(group), int(group["correct"].sum())
    low, high = exact_limits(right, n)
    values = group[value] if value in group else pd.Series(dtype=float)
    return {
        "slice": name,
        "n": n,
        "errors": n - right,
        "accuracy": right / n,
        "low": low,
        "high": high,
        "least": values.min(),
        "most": values.max(),
    }
