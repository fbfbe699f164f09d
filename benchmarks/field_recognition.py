"""How often images of one cell and of whole fields are read as fields.

    python -m benchmarks.field_recognition DATA

The rule of ``core/analysis/field.py`` was chosen on one half of the images (by a hash of the
file's name) and is measured here on the other.
"""

import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from core.analysis.field import measure
from core.image_files import image_files
from core.images import decode
from core.parallel import map_ahead

Cut = Callable[[Image.Image], Image.Image]


def whole(image: Image.Image) -> Image.Image:
    return image


def square(image: Image.Image) -> Image.Image:
    left = (image.width - image.height) // 2
    return image.crop((left, 0, left + image.height, image.height))


def four_to_three(image: Image.Image) -> Image.Image:
    cut = image.height // 8
    return image.crop((0, cut, image.width, image.height - cut))


# what it is, folder, sides in pixels (0: any), how it is cut
GROUPS: tuple[tuple[str, str, int, Cut], ...] = (
    ("fields: BCCD, 640x480", "fields/bccd", 0, whole),
    ("fields: Chula red cells, 640x480", "fields/chula_rbc", 0, whole),
    ("fields: BCCD cut to a square", "fields/bccd", 0, square),
    ("fields: Chula red cells cut to a square", "fields/chula_rbc", 0, square),
    ("fields: TXL-PBC from BCCD, 416x416", "fields/txl_pbc", 416, whole),
    ("one cell: PBC", "pbc/bloodcells_dataset", 0, whole),
    ("one cell: PBC cut to 4:3", "pbc/bloodcells_dataset", 0, four_to_three),
    ("one cell: TXL-PBC from PBC, 360x363", "fields/txl_pbc", 360, whole),
    ("one cell: TXL-PBC, 575x575, one white cell centred", "fields/txl_pbc", 575, whole),
    ("one cell: BCCD cells", "external/bccd_cells", 0, whole),
    ("one cell: Jiangxi", "external/jiangxi", 0, whole),
    ("one cell: CellaVision", "external/cellavision", 0, whole),
    ("one cell: Chula white cells", "external/chula", 0, whole),
    ("one cell: AML", "abnormal/aml_lmu", 0, whole),
)


def held_back(folder: Path, side_px: int) -> Iterator[Path]:
    for path in image_files(folder):
        if zlib.crc32(path.name.encode()) % 2 and (not side_px or side_of(path) == side_px):
            yield path


def side_of(path: Path) -> int:
    with Image.open(path) as image:
        return image.width


def main(data: Path) -> None:
    print(f"{'images of':52} {'read':>6} {'as fields':>10}")
    for name, folder, side_px, cut in GROUPS:

        def is_field(path: Path, cut: Cut = cut) -> bool:
            return measure(cut(decode(path.read_bytes(), at_least_px=128))).is_field

        found = list(map_ahead(is_field, held_back(data / folder, side_px)))
        share = sum(found) / len(found) if found else float("nan")
        print(f"{name:52} {len(found):6} {sum(found):10} {share:7.1%}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
