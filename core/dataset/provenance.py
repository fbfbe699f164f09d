"""Where images and attributes come from: what is known of them, and what is not.

Sources:
    PBC: Acevedo et al. 2020, Data in Brief 30:105474.
    WBCAtt: Tsutsui et al. 2023, NeurIPS Datasets and Benchmarks; https://github.com/apple2373/wbcatt.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.dataset.catalogue import Catalogue
from core.dataset.sources import MARKER

DONORS = "Donors are not identified in the data, so training and test may share people."
_NOT_STATED = "not stated"
_PBC_NAME = re.compile(r"(BA|BNE|EO|ERB|IG|LY|MMY|MO|MY|NEUTROPHIL|PLATELET|PMY|SNE)_\d+\.jpg")
_NAMED_SO = 0.99  # of the files


@dataclass(frozen=True)
class Origin:
    """Whose work something is, as it stands on cards."""

    source: str
    licence: str
    citation: str


@dataclass(frozen=True)
class Provenance:
    """Where a data set comes from, and what it is fit for.

    Attributes:
        name: for headings; "" for the folder's name.
        laboratory: in a few words, after "one laboratory's cells".
        made: how the images were made and labelled; "" where nobody knows.
        whole: images that the whole set holds; None where nobody knows.
        use: what it is for.
        limits: what it cannot show, a sentence each.
    """

    origin: Origin
    name: str
    laboratory: str
    made: str
    whole: int | None
    use: str
    limits: tuple[str, ...]


PBC = Provenance(
    origin=Origin(
        "PBC: peripheral blood cells, CellaVision DM96, Hospital Clinic Barcelona",
        "CC BY 4.0",
        "Acevedo et al. 2020, Data in Brief 30:105474, doi:10.1016/j.dib.2020.105474",
    ),
    name="PBC",
    laboratory="one analyser, one stain, healthy donors without infection",
    made=(
        "Smears stained with May-Grünwald-Giemsa by a Sysmex SP1000i, photographed cell by cell by "
        "a CellaVision DM96, labelled by clinical pathologists. Published at "
        "https://data.mendeley.com/datasets/snkd93bnjr/1"
    ),
    whole=17_092,
    use=(
        "Research on telling the normal cells of peripheral blood apart, one cell an image: to "
        "train networks, and to measure them on cells that were held back."
    ),
    limits=(
        "One laboratory, one analyser, one stain: figures measured on these images need not hold "
        "for another laboratory's.",
        "The people had no infection, no disease of the blood, no cancer and no medication: there "
        "are no blasts and no other abnormal cells.",
        DONORS,
        "The cells were collected by class: their shares are not those of blood.",
    ),
)
SYNTHETIC = Provenance(
    origin=Origin("synthetic cells drawn by this project, no real blood", "MIT", "this project"),
    name="Synthetic cells",
    laboratory="drawn ones",
    made="Drawn by a program, each as the class that it is filed under.",
    whole=None,
    use="Trying this program, and testing it, where there are no real cells.",
    limits=(
        "Synthetic images, no real blood: nothing measured on them says how well real blood is "
        "read, and nothing trained on them is a model for real cells.",
    ),
)
_UNKNOWN_USE = (
    "Research on single stained blood cells, by somebody who knows where these come from: the "
    "files themselves do not say."
)
_UNKNOWN_LIMITS = (
    "Unknown provenance: laboratory, analyser, stain and the people are not stated.",
    "Who labelled the cells, and how, is not stated.",
    "The licence is not stated: ask before passing on the images, or a network trained on them.",
    DONORS,
)
WBCATT = Origin(
    "WBCAtt: morphological attributes of PBC's white cells",
    "MIT",
    "Tsutsui et al. 2023, NeurIPS Datasets and Benchmarks, arXiv:2306.13531",
)


def provenance(catalogue: Catalogue) -> Provenance:
    """What is known: drawn cells by their mark, PBC by its file names, of others the folder."""
    if (catalogue.root / MARKER).exists():
        return SYNTHETIC
    if _are_of_pbc(catalogue.images["path"]):
        return PBC
    return Provenance(
        origin=Origin(f"folder {catalogue.root.resolve().name}", _NOT_STATED, _NOT_STATED),
        name="",
        laboratory="which one is not stated",
        made="",
        whole=None,
        use=_UNKNOWN_USE,
        limits=_UNKNOWN_LIMITS,
    )


def origin_of_attributes(names: Iterable[str]) -> Origin | None:
    """Who gave these images attributes, in files as WBCAtt's; None where their names do not say.

    Args:
        names: file names or paths of the images.
    """
    return WBCATT if _are_of_pbc(names) else None


def _are_of_pbc(paths: Iterable[str]) -> bool:
    named = [bool(_PBC_NAME.fullmatch(PurePosixPath(path).name)) for path in paths]
    return sum(named) > _NAMED_SO * len(named)
