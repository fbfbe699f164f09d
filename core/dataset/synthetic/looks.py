"""What each kind of cell looks like: sizes in micrometres, colours as seen on a cream slide.

Keys of ``LOOKS`` are the class keys of the taxonomy, then the file-name prefixes of the PBC data
set, so that a drawn subtype and its file name cannot part.
"""

from dataclasses import dataclass, field

from core.dataset.synthetic import nuclei
from core.dataset.synthetic.nuclei import Nucleus
from core.dataset.synthetic.stain import Rgb


@dataclass(frozen=True)
class Chromatin:
    """The nucleus' inside: dark clumps of ``grain_um`` on a lighter ground."""

    dark: Rgb = (58, 17, 122)
    light: Rgb = (110, 62, 150)
    grain_um: float = 0.42
    open: float = 0.35  # share of the lighter ground


@dataclass(frozen=True)
class Granules:
    """Grains in the cytoplasm; ``over_nucleus`` is how strongly they show on the nucleus."""

    colour: Rgb
    size_um: float
    share: tuple[float, float]
    over_nucleus: float = 0.0


@dataclass(frozen=True)
class Look:
    """One kind of cell.

    Attributes:
        diameter_um: mean and deviation.
        nucleus: draws the nucleus for a cell radius; None where there is none.
        cytoplasm: two colours; each cell lies somewhere between.
        wobble: how far the outline leaves a circle.
        mottle: strength of the cytoplasm's own unevenness.
        rim: extra density at the cell's edge (basophilic border), share of the cytoplasm's.
        vacuoles: fewest and most.
    """

    diameter_um: tuple[float, float]
    nucleus: Nucleus | None
    cytoplasm: tuple[Rgb, Rgb]
    wobble: float = 0.05
    mottle: float = 0.1
    rim: float = 0.15
    chromatin: Chromatin = field(default_factory=Chromatin)
    granules: tuple[Granules, ...] = ()
    vacuoles: tuple[int, int] = (0, 0)


_NEUTROPHIL_GRANULES = (
    Granules((205, 145, 172), 0.42, (0.25, 0.4)),
    Granules((160, 95, 150), 0.36, (0.04, 0.12)),
)
_PALE_PINK = ((234, 201, 193), (222, 188, 192))


LOOKS: dict[str, dict[str, Look]] = {
    "basophil": {
        "BA": Look(
            (12.9, 1.2),
            nuclei.basophil_lobes,
            ((205, 165, 182), (180, 135, 175)),
            wobble=0.08,
            chromatin=Chromatin((84, 42, 136), (124, 78, 154), 0.7, 0.5),
            granules=(Granules((50, 12, 110), 0.62, (0.34, 0.56), 0.8),),
        )
    },
    "eosinophil": {
        "EO": Look(
            (13.9, 0.8),
            nuclei.eosinophil_lobes,
            ((226, 182, 176), (212, 160, 166)),
            chromatin=Chromatin((66, 22, 128), (122, 72, 150), 0.5, 0.4),
            granules=(
                Granules((192, 108, 112), 0.62, (0.52, 0.7)),
                Granules((160, 72, 104), 0.5, (0.05, 0.12)),
            ),
            vacuoles=(0, 3),
        )
    },
    "erythroblast": {
        "ERB": Look(
            (9.4, 0.9),
            nuclei.rounded(0.64, 0.78, 0.7),
            ((186, 160, 178), (138, 122, 172)),
            wobble=0.07,
            mottle=0.14,
            rim=0.25,
            chromatin=Chromatin((50, 14, 110), (84, 42, 136), 0.62, 0.25),
        )
    },
    "ig": {
        "PMY": Look(
            (17.0, 1.2),
            nuclei.rounded(0.72, 0.82, 0.8),
            ((178, 148, 188), (150, 124, 182)),
            wobble=0.06,
            mottle=0.16,
            rim=0.3,
            chromatin=Chromatin((80, 28, 134), (128, 78, 158), 0.3, 0.45),
            granules=(Granules((88, 28, 124), 0.55, (0.16, 0.38), 0.5),),
        ),
        "MY": Look(
            (14.6, 1.0),
            nuclei.rounded(0.66, 0.76, 1.0),
            ((204, 172, 190), (178, 150, 186)),
            wobble=0.06,
            mottle=0.14,
            chromatin=Chromatin((66, 20, 126), (122, 72, 152), 0.42, 0.42),
            granules=(
                Granules((184, 132, 170), 0.42, (0.25, 0.4)),
                Granules((112, 48, 134), 0.45, (0.05, 0.2), 0.3),
            ),
        ),
        "MMY": Look(
            (13.9, 0.9),
            nuclei.metamyelocyte_bean,
            ((220, 186, 192), (196, 164, 188)),
            wobble=0.06,
            chromatin=Chromatin((62, 18, 124), (116, 66, 150), 0.45, 0.4),
            granules=(
                Granules((192, 138, 170), 0.42, (0.25, 0.4)),
                Granules((126, 62, 140), 0.4, (0.03, 0.12)),
            ),
        ),
    },
    "lymphocyte": {
        "LY": Look(
            (10.9, 0.8),
            nuclei.rounded(0.8, 0.9, 0.8),
            ((170, 150, 196), (128, 116, 178)),
            wobble=0.06,
            mottle=0.12,
            rim=0.35,
            chromatin=Chromatin((56, 16, 118), (98, 54, 144), 0.6, 0.3),
        )
    },
    "monocyte": {
        "MO": Look(
            (16.8, 1.1),
            nuclei.monocyte_bean,
            ((192, 170, 192), (162, 142, 182)),
            wobble=0.13,
            mottle=0.2,
            rim=0.25,
            chromatin=Chromatin((82, 28, 136), (134, 86, 160), 0.34, 0.45),
            granules=(Granules((150, 112, 172), 0.36, (0.1, 0.25)),),
            vacuoles=(0, 8),
        )
    },
    "neutrophil": {
        "BNE": Look((13.6, 0.9), nuclei.band, _PALE_PINK, granules=_NEUTROPHIL_GRANULES),
        "SNE": Look(
            (13.8, 0.8), nuclei.neutrophil_segments, _PALE_PINK, granules=_NEUTROPHIL_GRANULES
        ),
    },
    "platelet": {
        "PLATELET": Look(
            (5.0, 0.8),
            None,
            ((206, 176, 196), (176, 150, 188)),
            wobble=0.16,
            mottle=0.3,
            rim=0.0,
            granules=(Granules((108, 50, 146), 0.46, (0.35, 0.6)),),
        )
    },
}
