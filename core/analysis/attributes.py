"""Whether what is told of a cell's morphology goes together with its class."""

from collections.abc import Mapping

from core.morphology import Observed, value_in_words
from core.taxonomy import cell_class, fit, typical_of


def contradiction(
    label: str, attributes: Mapping[str, Observed], contradicts_from: float
) -> str | None:
    """What a colleague would say of the surest attribute that this class cannot have.

    E.g. "it does not look like a neutrophil: granules red, rather eosinophil".
    """
    against = {
        key: seen
        for key, seen in attributes.items()
        if seen.confidence >= contradicts_from and fit(label, key, seen.value) == "impossible"
    }
    if not against:
        return None
    key = max(against, key=lambda one: against[one].confidence)
    words, name = value_in_words(key, against[key].value), cell_class(label).name.lower()
    others = [cell_class(other).name.lower() for other in typical_of(key, against[key].value)]
    rather = f", rather {' or '.join(others)}" if others else ""
    article = "an" if name[0] in "aeiou" else "a"
    return f"it does not look like {article} {name}: {words}{rather}"
