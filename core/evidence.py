"""What stands beside an answer as its evidence, the same on every page and in the log."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReferenceCell:
    """A confirmed cell of the training set that looks like another.

    Attributes:
        label: its class, or the kind outside the classes.
        file: the image's file name.
        source: the laboratory or data set that it is from.
        likeness: cosine of the two embeddings, at most 1.
        entry: where its picture stands in the bundle.
    """

    label: str
    file: str
    source: str
    likeness: float
    entry: str
