import hashlib
import io

import numpy as np
import pytest
from PIL import ExifTags, Image

from core.analysis.intake import CellImage, Refused, read_image, read_upload
from core.analysis.limits import MB, UploadLimits
from core.errors import FieldImageError, ImageRefusedError
from tests.core.analysis.images import GROUND, NUCLEUS, cell, encoded, field

LIMITS = UploadLimits(file_mb=1)
MIDDLE, CORNER = (48, 48), (2, 2)


def assert_shows_the_cell(image: CellImage, tolerance: int = 4) -> None:
    assert image.rgb.mode == "RGB"
    assert image.rgb.size == (96, 96)
    for place, colour in ((MIDDLE, NUCLEUS), (CORNER, GROUND)):
        shown = np.asarray(image.rgb.getpixel(place))
        assert np.abs(shown - colour).max() <= tolerance


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "WEBP"])
def test_each_format_shows_the_same_cell(kind):
    data = encoded(cell(), kind)
    image = read_image("a", data)
    assert_shows_the_cell(image, tolerance=8)
    assert image.sha256 == hashlib.sha256(data).hexdigest()
    assert image.encoded == data


def test_an_image_says_how_large_it_was_and_how_large_its_pixels_are():
    large = cell(90, 110).resize((1600, 1200))
    plain = read_image("a.jpg", encoded(large, "JPEG"), at_least_px=100)
    assert (plain.size_px, plain.um_per_px) == ((1600, 1200), None)
    assert max(plain.rgb.size) < 1600
    out = io.BytesIO()
    large.save(out, "TIFF", resolution=40_000, resolution_unit="cm")
    assert read_image("a.tif", out.getvalue()).um_per_px == pytest.approx(0.25)


def test_the_size_is_that_of_the_image_as_a_person_sees_it():
    turned = Image.Exif()
    turned[ExifTags.Base.Orientation] = 6
    out = io.BytesIO()
    cell(90, 110).resize((120, 90)).save(out, "JPEG", exif=turned)
    found = read_image("a.jpg", out.getvalue())
    assert found.size_px == found.rgb.size == (90, 120)


def test_truncated_jpeg_is_refused():
    data = encoded(cell(), "JPEG")
    with pytest.raises(ImageRefusedError, match="not an image that can be read, or it is damaged"):
        read_image("cut.jpg", data[: len(data) // 2])


def test_text_named_png_is_refused():
    with pytest.raises(ImageRefusedError, match="not an image that can be read, or it is damaged"):
        read_image("notes.png", b"These are only words.")


def test_empty_file_is_refused():
    with pytest.raises(ImageRefusedError, match="The file is empty"):
        read_image("empty.png", b"")


def test_bomb_is_refused_before_it_is_unpacked():
    data = encoded(Image.new("1", (20_000, 20_000)))
    assert len(data) < 100_000
    with pytest.raises(ImageRefusedError, match="claims more than 40 megapixels"):
        read_image("bomb.png", data)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_between_one_and_two_times_the_limit_is_refused_too():
    with pytest.raises(ImageRefusedError, match="claims more than 40 megapixels"):
        read_image("large.png", encoded(Image.new("1", (7_000, 7_000))))


def test_two_by_two_pixels_are_refused():
    with pytest.raises(ImageRefusedError, match="2x2 pixels; a cell needs at least 16x16"):
        read_image("dot.png", encoded(cell(2, 2)))


def test_cmyk_becomes_rgb():
    image = read_image("a.jpg", encoded(cell().convert("CMYK"), "JPEG", quality=95))
    assert_shows_the_cell(image, tolerance=8)


def test_16_bits_show_what_8_would():
    grey = np.asarray(cell().convert("L"))
    image = read_image("a.png", encoded(Image.fromarray(grey.astype(np.uint16) * 257)))
    assert np.array_equal(np.asarray(image.rgb)[..., 0], grey)


def test_palette_becomes_rgb():
    assert_shows_the_cell(read_image("a.png", encoded(cell().quantize(4))))


def test_alpha_lies_on_white():
    image = cell().convert("RGBA")
    image.putpixel(CORNER, (0, 0, 0, 0))
    image = read_image("a.png", encoded(image)).rgb
    assert image.getpixel(CORNER) == (255, 255, 255)
    assert image.getpixel(MIDDLE) == NUCLEUS


def test_of_an_animated_gif_the_first_frame_counts():
    second = Image.new("RGB", (96, 96), "red")
    data = encoded(cell(), "GIF", save_all=True, append_images=[second])
    assert_shows_the_cell(read_image("a.gif", data))


def test_exif_rotation_is_undone():
    upright = cell(96, 80)
    upright.paste((255, 0, 0), (0, 0, 20, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise when shown
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    image = read_image("a.png", encoded(turned, exif=exif)).rgb
    assert np.array_equal(np.asarray(image), np.asarray(upright))


def test_a_huge_image_is_made_smaller_and_keeps_its_shape():
    assert read_image("a.png", encoded(cell(2400, 2000))).rgb.size == (1024, 853)


def test_only_as_many_pixels_are_decoded_as_are_needed():
    data = encoded(cell(400, 400), "JPEG")
    assert read_image("a.jpg", data, at_least_px=100).rgb.size == (100, 100)
    assert read_image("a.jpg", data).rgb.size == (400, 400)


def test_a_field_is_no_cell():
    with pytest.raises(FieldImageError, match="This looks like a whole microscope field"):
        read_image("field.png", encoded(field()))


def test_a_file_over_the_limit_is_refused():
    [item] = read_upload("large.png", b"0" * (MB + 1), LIMITS)
    assert item == Refused(
        "large.png", "The file is larger than 1 MB. Save it smaller, or split it."
    )


def test_a_refused_upload_does_not_raise():
    [item] = read_upload("notes.png", b"words", LIMITS)
    assert isinstance(item, Refused)
    assert item.to_dict()["name"] == "notes.png"
    assert "not an image" in item.to_dict()["error"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.png", "etc/passwd.png"),
        ("C:\\cells\\a.png", "cells/a.png"),
        ("/etc/a.png", "etc/a.png"),
        ("a\x00\u202egnp.png", "agnp.png"),
        ("..", "unnamed"),
        ("x" * 500 + ".png", "x" * 116 + ".png"),
    ],
)
def test_names_are_harmless(name, shown):
    assert read_image(name, encoded(cell())).name == shown


@pytest.mark.parametrize("size", [(16, 20_000), (20_000, 16), (17, 1300)])
def test_a_strip_that_shrinks_to_nothing_is_refused(size):
    strip = encoded(Image.new("RGB", size, GROUND))
    (refused,) = read_upload("strip.png", strip, LIMITS, 112)
    assert isinstance(refused, Refused)


def test_an_image_that_cannot_be_measured_is_refused(monkeypatch):
    def fail(_: Image.Image) -> None:
        raise IndexError("nothing to take the median of")

    monkeypatch.setattr("core.analysis.intake.measure", fail)
    (refused,) = read_upload("a.png", encoded(cell()), LIMITS)
    assert isinstance(refused, Refused)
