"""Morphological attributes in ``evaluate``: which files count, and the figures as lines."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.vision.bundle import Bundle


def attribute_files(
    bundle: "Bundle", data: Path, paths: Iterable[str], named: list[Path] | None
) -> list[Path]:
    """The files to compare with; none for a bundle that tells no attributes.

    They are read here once, so that a file that cannot be used is told before the long work.

    Args:
        data: the folder of class folders, ``paths`` of its images.
        named: those that the user wants, else they are looked for.

    Raises:
        EvaluationError: files are named, but nothing can be compared with them.
        DatasetError: a file cannot be used.
    """
    from core.dataset.attributes import attributes_of, find_attributes, read_attributes
    from core.errors import EvaluationError

    if bundle.card.attributes is None:
        if named:
            raise EvaluationError(
                f"{bundle.name} tells no attributes. Choose a model that does, or make one with "
                "describe."
            )
        return []
    files = named or find_attributes(data)
    if files and attributes_of(read_attributes(files), paths).empty and named:
        raise EvaluationError(
            f"No image in {data} has its name in {', '.join(map(str, named))}. Name the files "
            "that belong to these images."
        )
    return files


def print_attributes(figures: dict[str, Any]) -> None:
    """One line for all, then one an attribute.

    Args:
        figures: as ``core.evaluation.attributes.attributes_report`` gives them.
    """
    print(f"attributes of {figures['n']} cells, mean macro F1 {figures['mean_macro_f1']:.2%}")
    for key, row in figures["per_attribute"].items():
        print_attribute(key, row)


def print_attribute(key: str, figures: Mapping[str, Any]) -> None:
    """One line for one attribute.

    Args:
        figures: those of ``core.evaluation.attributes.Agreement``, by name.
    """
    right = figures["accuracy_told"]
    print(
        f"  {key:26} F1 {figures['macro_f1']:6.1%}  accuracy {figures['accuracy']:6.1%}  "
        f"told of {figures['told']:6.1%}"
        + ("" if right is None else f", of those right {right:.1%}")
    )
