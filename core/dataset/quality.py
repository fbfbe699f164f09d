"""What deserves a second look in a data set: duplicates, contrary labels, outliers."""

import numpy as np
import pandas as pd

_MAD_TO_DEVIATION = 1.4826  # of a normal distribution
_FEATURES = {
    "Brightness": lambda images: images[["mean_r", "mean_g", "mean_b"]].mean(axis=1),
    "Colour cast": lambda images: images["mean_r"] - images["mean_b"],
    "Sharpness": lambda images: np.log2(images["sharpness"] + 1),  # blur as far out as grain
}
FEATURES = tuple(_FEATURES)
KINDS = ("Contrary labels", "Overlapping views", "Second shot", "Identical files")


def duplicates(images: pd.DataFrame) -> pd.DataFrame:
    """The images that show something that another image shows, too.

    Args:
        images: the usable rows of a catalogue.

    Returns:
        ``view`` (shared by images that belong together), ``path``, ``label`` and ``kind``,
        one of ``KINDS``; group by group, in the order of ``KINDS``.
    """
    rows = images.loc[images.duplicated("view", keep=False)]
    per_view = rows.groupby("view")
    labels = rows.groupby("group")["label"].transform("nunique")
    kind = np.select(
        [
            labels.groupby(rows["view"]).transform("max") > 1,
            per_view["group"].transform("nunique") > 1,
            per_view["sha256"].transform("nunique") > 1,
        ],
        [KINDS[0], KINDS[1], KINDS[2]],
        KINDS[3],
    )
    found = rows[["view", "path", "label"]].assign(kind=pd.Categorical(kind, KINDS))
    return found.sort_values(["kind", "view", "path"], ignore_index=True)


def outliers(images: pd.DataFrame, feature: str, count: int = 24) -> pd.DataFrame:
    """The images that stand out most from their class.

    Scores are robust z-scores within the class: the distance from the median in deviations,
    estimated from the median absolute deviation.
    Source: Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers.

    Args:
        images: the usable rows of a catalogue.
        feature: one of ``FEATURES``.
        count: how many rows to give.

    Returns:
        ``path``, ``label``, ``value``, ``median`` (of the class) and ``score`` (signed), the
        largest distance first.
    """
    values = _FEATURES[feature](images)
    median = values.groupby(images["label"]).transform("median")
    spread = (values - median).abs().groupby(images["label"]).transform("median")
    score = (values - median) / (spread * _MAD_TO_DEVIATION).clip(lower=1e-6)
    table = images[["path", "label"]].assign(value=values, median=median, score=score)
    return table.sort_values("score", key=abs, ascending=False, ignore_index=True).head(count)


def rare_classes(images: pd.DataFrame, share: float = 0.25) -> list[str]:
    """The classes with less than ``share`` of the median class's images."""
    counts = images["label"].value_counts()
    return counts.index[counts < share * counts.median()].sort_values().tolist()
