"""A bundle's card as Markdown: every word of it from the card itself."""

from core.markdown import code, escaped, table
from core.taxonomy import ABNORMAL_KEYS, RESEARCH_USE, cell_class, kind
from core.vision.card import figures
from core.vision.card.contents import Card
from core.vision.views import CellView, NucleusView, View


def card_markdown(card: Card) -> str:
    """For people: what it is for, how good it is, what it was made of, where it fails."""
    parts = [
        f"# {escaped(card.name)}",
        RESEARCH_USE,
        _what_it_is(card),
        f"## Intended use\n\n{escaped(card.intended_use)}",
        f"## Limits\n\n{escaped(card.limits)}",
        figures.measured(card),
        figures.attributes(card.attributes) if card.attributes else "",
        _decisions(card),
        _data(card),
        _making(card),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _what_it_is(card: Card) -> str:
    names = ", ".join(cell_class(key).name.lower() for key in card.classes)
    lines = [f"**Predictions with:** {names}."]
    if card.outside:
        outside = ", ".join(kind(key).name.lower() for key in card.outside)
        lines.append(f"**Tells apart from these:** {outside}.")
    seen = f"squares of {card.side_px} px, {_crop(card.view)}"
    lines.append(
        f"**Network:** {card.architecture}, started from {escaped(card.pretrained)}; sees {seen}."
    )
    if card.heat_map:
        drawn = f"{card.heat_map.method}, layer {card.heat_map.layer}"
        lines.append(f"**Heat maps:** {drawn}; they show where it looked, not why.")
    if card.synthetic:
        lines.append("**Synthetic:** trained on synthetic images, no real blood.")
    lines.append(f"**Licence:** {escaped(card.licence)}. **Made:** {card.created:%d %B %Y}.")
    return "  \n".join(lines)


def _crop(view: View | None) -> str:
    match view:
        case None:
            return "the middle of the image"
        case NucleusView():
            return "standardised crops (centred on the nucleus, scaled, stain-normalised)"
        case CellView():
            how = "centred on the cell, scaled, background whitened"
            return f"standardised crops ({how}; found by the locator {view.locator})"


def _decisions(card: Card) -> str:
    lines = ["## From probability to prediction", ""]
    lines.append(f"- Temperature of the softmax: {card.temperature:.3f}.")
    lines.append(f"- For review below {card.review_below:.1%}: {escaped(card.review_rule)}.")
    if card.class_mix:
        most = max(card.class_mix.values())
        rare = [(cell_class(key).name.lower(), mix / most) for key, mix in card.class_mix.items()]
        shown = ", ".join(f"{name} {share:.0%}" for name, share in rare if share < 1)
        lines.append(
            "- Without a laboratory profile some classes are taken to be rarer, this share of the "
            f"others: {shown}."
        )
    if card.refer_above is not None:
        abnormal = [kind(key).name.lower() for key in card.outside if key in ABNORMAL_KEYS]
        lines.append(
            f"- Referred as possibly abnormal where {', '.join(abnormal)} have together "
            f"{card.refer_above:.1%} or more."
        )
    if card.reject_above is not None:
        lines.append(f"- Rejected where “no cell” has {card.reject_above:.1%} or more.")
    if card.set_limits:
        limits = ", ".join(
            f"{cell_class(key).name.lower()} {limit:.2%}" for key, limit in card.set_limits.items()
        )
        lines.append(
            "- Prediction set, the classes that a cell may well be, made so that it holds the "
            f"right one for 95% of each class's cells; a class is in it from: {limits}."
        )
    return "\n".join(lines)


def _data(card: Card) -> str:
    data = card.data
    sources = [(data.source, data.images.get("train", 0), data.licence, data.citation)]
    sources += [(one.source, one.images, one.licence, one.citation) for one in data.further]
    rows = [
        [escaped(source), f"{images:,}", escaped(licence), escaped(citation)]
        for source, images, licence, citation in sources
    ]
    counts = ", ".join(f"{cell_class(key).name.lower()} {n:,}" for key, n in data.per_class.items())
    last = f"Training images of the first, by class: {counts}."
    if data.no_cell:
        last += f"  \nBesides, {data.no_cell:,} images without a cell, drawn or cut."
    return "\n\n".join(
        [
            "## Trained on",
            table(["Source", "Images", "Licence", "Citation"], rows),
            f"The first is the data set with the fingerprint {code(data.fingerprint)}, split with "
            f"the seed {data.split_seed}: {data.images.get('validation', 0):,} more of its images "
            "are for validation. Its data set card tells more.",
            last,
        ]
    )


def _making(card: Card) -> str:
    plain = {k: v for k, v in card.config.items() if not isinstance(v, dict | list)}
    nested = card.config.get("augmentation") or {}
    rows = [[code(key), escaped(str(value))] for key, value in plain.items()]
    rows += [[code(f"augmentation.{key}"), escaped(str(value))] for key, value in nested.items()]
    rows += [[f"version of {code(key)}", escaped(value)] for key, value in card.versions.items()]
    rows += [[f"SHA-256 of {code(key)}", code(value)] for key, value in card.checksums.items()]
    parent = f"From the model {code(card.parent)}." if card.parent else ""
    parts = ["## How it was made", parent, table(["Setting", "Value"], rows)]
    return "\n\n".join(part for part in parts if part)
