"""Channels that lie on pages of their own are one image; other pages are told."""

import io

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from core.errors import ImageRefusedError
from core.images import decode, pages, read
from core.images.samples import grey
from tests.core.analysis.images import cell, encoded
from tests.core.images.cells import noisy
from tests.core.images.tiff import COLOUR, GREY, tiff

CELL = noisy()
IMAGEJ = "ImageJ=1.54f\nimages=3\nchannels=3\nmode=composite\n"
OME = (
    '<OME><Image><Pixels ID="P" SizeC="3" SizeT="1" SizeX="96" SizeY="80" SizeZ="1"/></Image></OME>'
)


@pytest.mark.parametrize("description", [IMAGEJ, OME, OME.replace("Pixels", "OME:Pixels")])
@pytest.mark.parametrize("shift", [None, 4])
def test_channels_as_pages_are_one_image(description: str, shift: int | None) -> None:
    channels = [CELL[..., channel] for channel in range(3)]
    if shift:
        channels = [channel.astype(np.uint16) << shift for channel in channels]
    found = read(tiff(channels, GREY, description))
    assert np.array_equal(np.asarray(found.image), CELL)
    assert found.unread_pages == 0


@pytest.mark.parametrize("place", [1, 2, 3])
@pytest.mark.parametrize("side", [40, 900])
def test_previews_between_the_channels_are_not_read(
    place: int, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    channels = [CELL[..., channel] for channel in range(3)]
    channels.insert(place, np.zeros((side, side), np.uint16))
    read_pages: list[tuple[int, int]] = []

    def noting(page: TiffImageFile) -> Image.Image:
        read_pages.append(page.size)
        return grey(page)

    monkeypatch.setattr(pages, "grey", noting)
    found = read(tiff(channels, GREY, IMAGEJ, reduced=(place,)))
    assert np.array_equal(np.asarray(found.image), CELL)
    assert read_pages == [(96, 80)] * 3
    assert found.unread_pages == 0


def test_a_larger_page_among_three_is_no_channel() -> None:
    channels = [CELL[..., channel] for channel in range(3)]
    channels.insert(1, np.zeros((900, 900), np.uint8))
    assert read(tiff(channels, GREY, IMAGEJ)).unread_pages == 3


def test_three_grey_pages_that_are_no_channels_stay_pages() -> None:
    slices = [CELL[..., channel] for channel in range(3)]
    found = read(tiff(slices, GREY, "ImageJ=1.54f\nimages=3\nslices=3\n"))
    assert np.array_equal(np.asarray(found.image)[..., 2], CELL[..., 0])
    assert found.unread_pages == 2


def test_of_several_pages_the_first_is_read() -> None:
    found = read(tiff([CELL, CELL // 2, CELL // 3], COLOUR))
    assert np.array_equal(np.asarray(found.image), CELL)
    assert found.unread_pages == 2


def test_smaller_pages_are_previews() -> None:
    assert read(tiff([CELL, CELL[::2, ::2]], COLOUR)).unread_pages == 0


@pytest.mark.parametrize(("height", "width"), [(80, 40), (30, 90), (160, 192), (80, 97)])
def test_pages_of_another_shape_or_larger_are_no_previews(height: int, width: int) -> None:
    other = np.resize(CELL, (height, width, 3))
    assert read(tiff([CELL, other], COLOUR)).unread_pages == 1


@pytest.mark.parametrize("side", [3, 7])
def test_previews_are_known_though_their_pixels_are_whole(side: int) -> None:
    assert read(tiff([CELL, CELL[::side, ::side]], COLOUR)).unread_pages == 0


@pytest.mark.parametrize("planar", [False, True])
def test_a_page_that_lacks_strips_is_damaged(planar: bool) -> None:
    page = np.ascontiguousarray(np.moveaxis(CELL, 2, 0)) if planar else CELL
    assert read(tiff([page], COLOUR, planar=planar, rows=16)).image.size == (96, 80)
    for left_out in (1, 3):
        with pytest.raises(ImageRefusedError, match="missing"):
            read(tiff([page], COLOUR, planar=planar, rows=16, left_out=left_out))


def test_a_channel_that_lacks_strips_is_damaged() -> None:
    channels = [CELL[..., channel] for channel in range(3)]
    with pytest.raises(ImageRefusedError, match="missing"):
        read(tiff(channels, GREY, IMAGEJ, rows=16, left_out=1))


def test_compressed_planes_are_whole() -> None:
    planes = np.moveaxis(CELL, 2, 0)
    found = decode(tiff([planes], COLOUR, planar=True, rows=16, deflated=True))
    assert np.array_equal(np.asarray(found), CELL)


def test_frames_of_an_animation_are_pages() -> None:
    second = Image.new("RGB", (96, 96), "red")
    data = encoded(cell(), "GIF", save_all=True, append_images=[second])
    assert read(data).unread_pages == 1


def test_the_preview_in_a_photograph_is_none() -> None:
    out = io.BytesIO()
    cell().save(out, "MPO", save_all=True, append_images=[cell().resize((48, 48))])
    found = read(out.getvalue())
    assert (found.unread_pages, found.format) == (0, "JPEG")


def test_endless_pages_are_not_counted_to_their_end() -> None:
    pages = [CELL[:16, :16]] * 200
    assert read(tiff(pages, COLOUR)).unread_pages == 63


def test_channels_of_a_size_of_their_own_are_refused_or_pages() -> None:
    pages = [CELL[..., 0], CELL[:40, :40, 1], CELL[..., 2]]
    assert decode(tiff(pages, GREY, IMAGEJ)).size == (96, 80)
