"""What a data set holds, as sections of its card: classes, subtypes, splits, attributes."""

import pandas as pd

from core.dataset.attributes import attributes_of
from core.dataset.provenance import origin_of_attributes
from core.dataset.splits import SPLITS
from core.markdown import table
from core.morphology import ATTRIBUTES
from core.taxonomy import CLASSES, KEYS, cell_class

_SPLIT_HEAD = ["Images", "Share", *(name.capitalize() for name in SPLITS)]


def classes(images: pd.DataFrame, splits: pd.Series) -> str:
    """Images by class and split, with the share of each class."""
    labels = [key for key in KEYS if (images["label"] == key).any()]
    rows = [
        [cell_class(key).name, *_counts(images[images["label"] == key], splits, len(images))]
        for key in labels
    ]
    rows.append(["All", *_counts(images, splits, len(images))])
    return "\n\n".join(
        [
            "## Classes and splits",
            "To train, to choose and calibrate (validation), and to measure (test): 70, 10 and 20 "
            "per cent within each class and subtype. Images of the same cell are never apart, "
            "overlapping views that would be are all to train, and the same images give the same "
            "split anywhere.",
            table(["Class", *_SPLIT_HEAD], rows),
        ]
    )


def subtypes(images: pd.DataFrame, splits: pd.Series) -> str:
    """The same by subtype, of the classes whose files carry some; "" where none do."""
    rows = []
    for one in CLASSES:
        of_class = images[images["label"] == one.key]
        if of_class["subtype"].isna().all():
            continue
        names = of_class["subtype"].fillna("not given")
        for name in [*(s.name for s in one.subtypes), "not given"]:
            own = of_class[names == name]
            if len(own):
                rows.append([one.name, name, *_counts(own, splits, len(of_class))])
    if not rows:
        return ""
    told = "As the names of the files tell; shares are of the class."
    return f"### Subtypes\n\n{told}\n\n{table(['Class', 'Subtype', *_SPLIT_HEAD], rows)}"


def attributes(images: pd.DataFrame, given: pd.DataFrame) -> str:
    """Cells by attribute and value, and whose work the attributes are."""
    own = attributes_of(given, images["path"])
    if own.empty:
        return "## Morphological attributes\n\nNone of these images has attributes given."
    origin = origin_of_attributes(own.index)
    whose = "Source, licence and citation are not stated."
    if origin:
        whose = (
            f"**Source:** {origin.source}. **Licence:** {origin.licence}.  \n"
            f"**Citation:** {origin.citation}."
        )
    labels = images.set_index("path").loc[own.index, "label"].value_counts()
    of_classes = ", ".join(f"{cell_class(key).name.lower()} {n:,}" for key, n in labels.items())
    rows = []
    for one in ATTRIBUTES:
        for value, words in one.words.items():
            count = int((own[one.key] == value).sum())
            rows.append([one.name, words or "none", f"{count:,}", f"{count / len(own):.1%}"])
    return "\n\n".join(
        [
            "## Morphological attributes",
            whose,
            f"{len(own):,} of the {len(images):,} cells have them: {of_classes}.",
            table(["Attribute", "Value", "Cells", "Share"], rows),
        ]
    )


def _counts(images: pd.DataFrame, splits: pd.Series, of: int) -> list[str]:
    """How many, their share of ``of``, and how many in each split."""
    by_split = images["path"].map(splits).value_counts()
    return [
        f"{len(images):,}",
        f"{len(images) / of:.1%}",
        *(f"{by_split.get(name, 0):,}" for name in SPLITS),
    ]
