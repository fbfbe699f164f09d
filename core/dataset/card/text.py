"""The card of a data set as Markdown: every word of it from the catalogue and what is known of it.

catalogue = update_catalogue(root, folder)
text = data_set_card(catalogue, source, split(catalogue))
"""

import pandas as pd

from core.dataset import quality
from core.dataset.card import contents, files
from core.dataset.catalogue import Catalogue
from core.dataset.provenance import Provenance, provenance
from core.dataset.sources import DataSource
from core.markdown import code, escaped
from core.taxonomy import CLASSES, RESEARCH_USE, cell_class


def data_set_card(
    catalogue: Catalogue,
    source: DataSource,
    splits: pd.Series,
    attributes: pd.DataFrame | None = None,
) -> str:
    """For people: what is in it, whose it is, what it is for, and where to doubt it.

    Args:
        source: where the images are.
        splits: the split of each usable image, by ``path``.
        attributes: morphological attributes, as ``core.dataset.attributes`` reads them.
    """
    known = provenance(catalogue)
    images = catalogue.images
    parts = [
        f"# Data set: {known.name or code(catalogue.root.resolve().name)}",
        RESEARCH_USE,
        _what_it_is(catalogue, source, known),
        f"## Intended use\n\n{known.use}",
        _limits(catalogue, known),
    ]
    if not images.empty:
        parts += [
            contents.classes(images, splits),
            contents.subtypes(images, splits),
            "" if attributes is None else contents.attributes(images, attributes),
            files.sizes(images),
            files.colours(images),
            files.duplicates(images),
        ]
    parts.append(files.problems(catalogue.problems))
    return "\n\n".join(part for part in parts if part) + "\n"


def _what_it_is(catalogue: Catalogue, source: DataSource, known: Provenance) -> str:
    images = catalogue.images
    origin = known.origin
    counts = f"{len(images):,} images of {images['label'].nunique()} classes"
    size = f"{images['bytes'].sum() / 1e6:,.1f} MB"
    lines = [
        f"**Source:** {escaped(origin.source)}.",
        f"**How it was made:** {known.made}" if known.made else "**How it was made:** not stated.",
        f"**Licence:** {origin.licence}.",
        f"**Citation:** {origin.citation}.",
        f"**Here:** {counts}, {size}.",
        f"**Found in:** {code(catalogue.root.resolve().name)} ({source.origin.lower()}).",
        f"**Fingerprint:** `{catalogue.fingerprint}`, over the names and contents of these images. "
        "A model's card names the data set that it was trained on by it.",
    ]
    return "  \n".join(lines)


def _limits(catalogue: Catalogue, known: Provenance) -> str:
    sentences = [*known.limits, *_limits_here(catalogue, known)]
    return "\n".join(["## Limits", "", *(f"- {sentence}" for sentence in sentences)])


def _limits_here(catalogue: Catalogue, known: Provenance) -> list[str]:
    """What the files themselves say."""
    images, found = catalogue.images, []
    if known.whole and len(images) < known.whole:
        found.append(
            f"Only a part is here: {len(images):,} of the whole set's {known.whole:,} images."
        )
    if absent := [one.name.lower() for one in CLASSES if one.key not in set(images["label"])]:
        found.append(f"No images of these classes: {', '.join(absent)}.")
    if rare := quality.rare_classes(images):
        names = ", ".join(cell_class(key).name.lower() for key in rare)
        found.append(
            f"Rare here, with less than a quarter of the images of the median class: {names}. "
            "Figures of these rest on few images."
        )
    kinds = quality.duplicates(images).drop_duplicates("view")["kind"]
    if contrary := int((kinds == quality.KINDS[0]).sum()):
        found.append(
            f"{contrary} {'cell stands' if contrary == 1 else 'cells stand'} under two classes; "
            "named under “Shown more than once”."
        )
    if unused := len(catalogue.problems):
        found.append(f"{unused:,} of the files cannot be used; the reasons stand at the end.")
    return found
