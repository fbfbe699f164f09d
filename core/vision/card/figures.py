"""How good a bundle is, as sections of its card."""

from collections.abc import Mapping
from typing import Any

from core.markdown import escaped, table
from core.morphology import attribute
from core.taxonomy import cell_class, kind
from core.vision.card.cautions import NOT_HELD_BACK
from core.vision.card.contents import AttributesCard, Card

SPLIT_NAMES = {"validation": "Validation, used to choose and calibrate", "test": "Test"}
_MISTAKES = 6
_ATTRIBUTES_HEAD = (
    "Attribute",
    "Values",
    "Macro F1",
    "Accuracy",
    "Reported",
    "Right where reported",
    "Temperature",
)


def measured(card: Card) -> str:
    """Accuracy, F1 and calibration by split, the last split by class, and the usual mistakes."""
    found = [name for name in SPLIT_NAMES if name in card.metrics]
    if not found:
        return _adapted(card)
    last = card.metrics[found[-1]]
    return "\n\n".join(
        [
            "## How good it is",
            _measured_on(card),
            "Per cent, with 95% intervals. Macro: the mean over the classes. Calibration error: "
            "how far the confidence is from the share of right predictions.",
            table(
                ["Split", "Images", "Accuracy", "Macro F1", "Calibration error"],
                ([SPLIT_NAMES[name], *_headline(card.metrics[name])] for name in found),
            ),
            f"By class, {found[-1]} split:",
            table(
                ["Class", "Images", "Precision", "Recall", "F1"],
                (_of_class(key, last) for key in last["per_class"]),
            ),
            _mistakes(last),
        ]
    )


def accuracy(card: Card) -> str:
    """Accuracy with its interval and the split that it was measured on; a dash for none."""
    found = [name for name in SPLIT_NAMES if name in card.metrics]
    if not found:
        return "–"
    metrics = card.metrics[found[-1]]
    shown = _per_cent(metrics["accuracy"], metrics["intervals"]["accuracy"])
    flattering = "" if card.data.held_back else ", which it may have learnt from"
    return f"{shown}, {found[-1]} split{flattering}"


def attributes(told: AttributesCard) -> str:
    """What the morphological attributes come from, and how often they are right."""
    names = ", ".join(cell_class(key).name.lower() for key in told.classes)
    learnt, checked = (told.images.get(split, 0) for split in ("train", "validation"))
    return "\n\n".join(
        [
            "## Morphological attributes",
            f"**Source:** {escaped(told.source)}. **Licence:** {escaped(told.licence)}.  \n"
            f"**Citation:** {escaped(told.citation)}.  \n"
            f"**Attributes are given for cells predicted as:** {names}.",
            f"Learnt from {learnt:,} cells. Measured, in per cent, on {checked:,} of them "
            "(validation split), with heads of the same kind that had not seen these. "
            "“Reported” is the share of cells for which it is reported. A value is reported from "
            f"{told.sure_from:.0%} on. One of {told.contradicts_from:.0%} or more "
            "that a cell of the predicted class cannot have makes the prediction one for review.",
            table(
                _ATTRIBUTES_HEAD,
                (_of_attribute(key, values, told) for key, values in told.values.items()),
            ),
        ]
    )


def _measured_on(card: Card) -> str:
    source = escaped(card.data.source)
    others = "external laboratories' images are not in these figures."
    if card.data.held_back:
        return f"Measured on held-back images of {source}: {others}"
    return f"Measured on images of {source}: {others} {NOT_HELD_BACK}"


def _headline(metrics: Mapping[str, Any]) -> list[str]:
    limits = metrics["intervals"]
    names = ("accuracy", "macro_f1", "calibration_error")
    return [f"{metrics['n']:,}", *(_per_cent(metrics[name], limits[name]) for name in names)]


def _of_class(key: str, metrics: Mapping[str, Any]) -> list[str]:
    figures, limits = metrics["per_class"][key], metrics["intervals"]["per_class"][key]
    values = [_per_cent(figures[name], limits[name]) for name in ("precision", "recall", "f1")]
    return [cell_class(key).name, f"{figures['support']:,}", *values]


def _mistakes(metrics: Mapping[str, Any]) -> str:
    keys, counts = metrics["confusion"]["classes"], metrics["confusion"]["counts"]
    wrong = [
        (count, true, predicted)
        for true, row in zip(keys, counts, strict=True)
        for predicted, count in zip(keys, row, strict=True)
        if count and predicted != true
    ]
    if not wrong:
        return "None of these predictions is wrong."
    most = sorted(wrong, key=lambda one: -one[0])[:_MISTAKES]
    shown = ", ".join(
        f"{kind(true).name.lower()} predicted as {kind(predicted).name.lower()} {count:,}"
        for count, true, predicted in most
    )
    return f"Most often mistaken: {shown}; {sum(one[0] for one in wrong):,} wrong in all."


def _adapted(card: Card) -> str:
    if not card.adapted:
        return "## How good it is\n\nNot measured."
    was = card.adapted
    after = f"{was['after']:.1%} after"
    if "p_value" in was:  # older cards do not tell
        after += f" (better on {was['better']}, worse on {was['worse']}; p = {was['p_value']:.2g})"
    return (
        "## How good it is\n\n"
        f"Fitted to one laboratory with {was['fitted']} labelled cells. On {was['checked']} others "
        f"of that laboratory: {was['before']:.1%} right before, {after}. On the parent's own "
        f"reference cells: {was['home_before']:.1%} before, {was['home_after']:.1%} "
        "after."
    )


def _of_attribute(key: str, values: tuple[str, ...], told: AttributesCard) -> list[str]:
    one, figures = attribute(key), told.metrics.get(key, {})
    names = ("macro_f1", "accuracy", "told", "accuracy_told")
    found = [figures.get(name) for name in names]
    shown = ["–" if value is None else f"{100 * value:.1f}" for value in found]
    words = ", ".join(one.words[value] or "none" for value in values)
    return [one.name, words, *shown, f"{told.temperature[key]:.2f}"]


def _per_cent(value: float | None, limits: list[float | None]) -> str:
    low, high = limits
    if value is None or low is None or high is None:
        return "–"
    return f"{100 * value:.1f} ({100 * low:.1f} to {100 * high:.1f})"
