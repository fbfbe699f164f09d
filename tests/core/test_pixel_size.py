"""The size of a pixel is believed where a file of a microscope says it, and only there."""

import io

import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from core.pixel_size import um_per_px

DESCRIPTION, X_RESOLUTION, Y_RESOLUTION, UNIT = 270, 282, 283, 296
INCH, CENTIMETRE = 2, 3
OME = '<?xml version="1.0"?><OME><Image><Pixels {}><Channel/></Pixels></Image></OME>'


def opened(kind: str = "TIFF", **options: object) -> Image.Image:
    out = io.BytesIO()
    Image.new("RGB", (20, 30)).save(out, kind, **options)
    return Image.open(io.BytesIO(out.getvalue()))


def tiff(**tags: object) -> Image.Image:
    """A TIFF with a description, an x, a y (px a unit) or a unit."""
    directory = ImageFileDirectory_v2()
    numbers = {"description": DESCRIPTION, "x": X_RESOLUTION, "y": Y_RESOLUTION, "unit": UNIT}
    for name, value in tags.items():
        directory[numbers[name]] = value
    return opened(tiffinfo=directory)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"x": 40_000.0, "y": 40_000.0, "unit": CENTIMETRE}, 0.25),
        ({"x": 101_600.0, "y": 101_600.0, "unit": INCH}, 0.25),
        ({"description": OME.format('SizeX="9" PhysicalSizeX="0.1"')}, 0.1),
        ({"description": OME.format('PhysicalSizeXUnit="nm" PhysicalSizeX="65"')}, 0.065),
        ({"description": OME.format('PhysicalSizeX="0.1" PhysicalSizeXUnit="&#181;m"')}, 0.1),
    ],
)
def test_a_tiff_of_a_microscope_is_believed(tags: dict[str, object], expected: float) -> None:
    assert um_per_px(tiff(**tags)) == pytest.approx(expected, rel=1e-3)


def test_ome_comes_before_the_resolution() -> None:
    description = OME.format('PhysicalSizeX="0.1"')
    image = tiff(description=description, x=40_000.0, y=40_000.0, unit=CENTIMETRE)
    assert um_per_px(image) == pytest.approx(0.1)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"x": 72.0, "y": 72.0, "unit": INCH},
        {"x": 300.0, "y": 300.0, "unit": INCH},
        {"x": 118.0, "y": 118.0, "unit": CENTIMETRE},
        {"x": 40_000.0, "y": 40_000.0, "unit": 1},  # px a nothing
        {"x": 40_000.0, "y": 20_000.0, "unit": CENTIMETRE},
        {"x": 0.0, "y": 0.0, "unit": CENTIMETRE},
        {"description": OME.format('PhysicalSizeX="wide"')},
        {"description": OME.format('PhysicalSizeX="-1"')},
        {"description": OME.format('PhysicalSizeX="nan"')},
        {"description": OME.format('PhysicalSizeX="0.1" PhysicalSizeXUnit="pixel"')},
        {"description": "A smear, 0.25 um a pixel"},
    ],
)
def test_what_no_microscope_gives_is_not_believed(tags: dict[str, object]) -> None:
    assert um_per_px(tiff(**tags)) is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP"])
def test_the_density_for_printers_is_no_pixel_size(kind: str) -> None:
    assert um_per_px(opened(kind, dpi=(96, 96))) is None
    assert um_per_px(opened(kind, dpi=(50_800, 50_800))) is None


@pytest.mark.parametrize("text", ["<Pixels " * 100_000, f"<Pixels {'PhysicalSize' * 100_000}>"])
def test_a_hostile_description_is_read_in_one_go(text: str) -> None:
    assert um_per_px(tiff(description=text)) is None  # in minutes, where each start read to the end
