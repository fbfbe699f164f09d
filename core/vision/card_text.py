"""A bundle's card as Markdown: every word of it from the card itself."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.taxonomy import RESEARCH_USE, cell_class, kind
from core.vision.card import Card

SPLIT_NAMES = {"validation": "Validation", "test": "Test"}


def card_markdown(card: Card) -> str:
    """For people: what it is for, how good it is, what it was made of, where it fails."""
    parts = [
        f"# {card.name}",
        RESEARCH_USE,
        _what_it_is(card),
        f"## Intended use\n\n{card.intended_use}",
        f"## Limits\n\n{card.limits}",
        _metrics(card),
        _decisions(card),
        _data(card),
        _making(card),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _what_it_is(card: Card) -> str:
    names = ", ".join(cell_class(key).name.lower() for key in card.classes)
    lines = [f"**Answers with:** {names}."]
    if card.outside:
        outside = ", ".join(kind(key).name.lower() for key in card.outside)
        lines.append(f"**Tells apart from these:** {outside}.")
    seen = f"squares of {card.side_px} px"
    seen += ", the cell framed by its nucleus" if card.view else ", the middle of the picture"
    lines.append(f"**Network:** {card.architecture}, started from {card.pretrained}; sees {seen}.")
    if card.heat_map:
        drawn = f"{card.heat_map.method}, layer {card.heat_map.layer}"
        lines.append(f"**Heat maps:** {drawn}; they show where it looked, not why.")
    if card.synthetic:
        lines.append("**Synthetic:** trained on drawn cells, no real blood.")
    lines.append(f"**Licence:** {card.licence}. **Made:** {card.created:%d %B %Y}.")
    return "  \n".join(lines)


def _metrics(card: Card) -> str:
    found = [name for name in SPLIT_NAMES if name in card.metrics]
    if not found:
        return _adapted(card)
    lines = ["## How good it is", "", "Per cent, with 95% intervals.", ""]
    lines += _table(
        ["Split", "Images", "Accuracy", "Macro F1", "Calibration error"],
        ([SPLIT_NAMES[name], *_headline(card.metrics[name])] for name in found),
    )
    last = card.metrics[found[-1]]
    lines += ["", f"By class, {found[-1]} split:", ""]
    lines += _table(
        ["Class", "Images", "Precision", "Recall", "F1"],
        (_of_class(key, last) for key in last["per_class"]),
    )
    return "\n".join(lines)


def _headline(metrics: Mapping[str, Any]) -> list[str]:
    limits = metrics["intervals"]
    names = ("accuracy", "macro_f1", "calibration_error")
    return [f"{metrics['n']:,}", *(_per_cent(metrics[name], limits[name]) for name in names)]


def _of_class(key: str, metrics: Mapping[str, Any]) -> list[str]:
    figures, limits = metrics["per_class"][key], metrics["intervals"]["per_class"][key]
    values = [_per_cent(figures[name], limits[name]) for name in ("precision", "recall", "f1")]
    return [cell_class(key).name, f"{figures['support']:,}", *values]


def _adapted(card: Card) -> str:
    if not card.adapted:
        return "## How good it is\n\nNot measured."
    was = card.adapted
    return (
        "## How good it is\n\n"
        f"Fitted to one laboratory with {was['fitted']} labelled cells. On {was['checked']} others "
        f"of that laboratory: {was['before']:.1%} right before, {was['after']:.1%} after. On the "
        f"parent's own reference cells: {was['home_before']:.1%} before, {was['home_after']:.1%} "
        "after."
    )


def _decisions(card: Card) -> str:
    lines = ["## From probability to answer", ""]
    lines.append(f"- Temperature of the softmax: {card.temperature:.3f}.")
    lines.append(f"- For review below {card.review_below:.1%}: {card.review_rule}.")
    if card.class_mix:
        most = max(card.class_mix.values())
        rare = [(cell_class(key).name.lower(), mix / most) for key, mix in card.class_mix.items()]
        shown = ", ".join(f"{name} {share:.0%}" for name, share in rare if share < 1)
        lines.append(
            f"- Without a laboratory profile, taken to be as common as the others: {shown}."
        )
    if card.refer_above is not None:
        lines.append(f"- Referred as possibly abnormal from {card.refer_above:.1%} on.")
    if card.reject_above is not None:
        lines.append(f"- Rejected as no cell from {card.reject_above:.1%} on.")
    if card.set_limits:
        limits = ", ".join(
            f"{cell_class(key).name.lower()} {limit:.2%}" for key, limit in card.set_limits.items()
        )
        lines.append(f"- Belongs to the prediction set from: {limits}.")
    return "\n".join(lines)


def _data(card: Card) -> str:
    data = card.data
    rows = [[data.source, f"{data.images.get('train', 0):,}", data.licence, data.citation]]
    rows += [[one.source, f"{one.images:,}", one.licence, one.citation] for one in data.further]
    lines = ["## Trained on", "", *_table(["Source", "Images", "Licence", "Citation"], rows), ""]
    counts = ", ".join(f"{cell_class(key).name.lower()} {n:,}" for key, n in data.per_class.items())
    lines.append(f"Training images of the first, by class: {counts}.")
    if data.no_cell:
        lines.append(f"Besides, {data.no_cell:,} pictures without a cell, drawn or cut.")
    return "\n".join(lines)


def _making(card: Card) -> str:
    lines = ["## How it was made", ""]
    if card.parent:
        lines += [f"From the bundle `{card.parent}`.", ""]
    plain = {k: v for k, v in card.config.items() if not isinstance(v, dict | list)}
    nested = card.config.get("augmentation") or {}
    rows = [[f"`{key}`", str(value)] for key, value in plain.items()]
    rows += [[f"`augmentation.{key}`", str(value)] for key, value in nested.items()]
    rows += [[f"version of `{key}`", value] for key, value in card.versions.items()]
    rows += [[f"SHA-256 of `{key}`", f"`{value}`"] for key, value in card.checksums.items()]
    return "\n".join([*lines, *_table(["Setting", "Value"], rows)])


def _per_cent(value: float | None, limits: list[float | None]) -> str:
    low, high = limits
    if value is None or low is None or high is None:
        return "–"
    return f"{100 * value:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def _table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
