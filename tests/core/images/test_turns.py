"""However many images are read at once, they are decoded in turns, whoever reads them."""

import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageFile

from core.analysis.intake import read_image
from core.images import decode, decode_cell, doubt, jpeg, read, reading, samples
from core.images.turns import Turns
from tests.core.analysis.images import cell, encoded
from tests.core.images.tiff import tiff_of_parts
from tests.threads import at_once

PIXELS = 96 * 96
PNG, JPEG = encoded(cell()), encoded(cell(), "JPEG")
READ = read(JPEG)


class Counted(Turns):
    """Turns that tell how many pixels are inside."""

    @property
    def inside(self) -> int:
        return self._inside


@pytest.mark.parametrize(
    "ask",
    [
        lambda: read(PNG),
        lambda: decode(PNG, at_least_px=32),
        lambda: decode_cell(PNG),
        lambda: doubt(READ, JPEG),
        lambda: read_image("a.jpg", JPEG),
    ],
)
def test_whoever_decodes_takes_a_turn(
    ask: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, inside = Counted(10 * PIXELS), list[int]()

    def noting(work: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*given: Any, **named: Any) -> Any:
            inside.append(turns.inside)
            return work(*given, **named)

        return noted

    for module, name in ((reading, "to_rgb"), (jpeg, "decode_jpeg")):
        monkeypatch.setattr(module, name, noting(getattr(module, name)))
        monkeypatch.setattr(module, "decoding", turns)
    ask()
    assert set(inside) == {PIXELS}
    assert turns.inside == 0


def test_no_more_go_in_than_there_is_room_for() -> None:
    turns, inside = Counted(2 * PIXELS + 1), list[int]()

    def go_in(_: int) -> None:
        with turns.take(PIXELS):
            inside.append(turns.inside)
            read(PNG)

    at_once(12, go_in)
    assert max(inside) <= 2 * PIXELS


def test_an_image_of_more_than_all_room_goes_in_alone() -> None:
    turns, went_in = Turns(10), []
    with turns.take(100):
        went_in.append(100)
    with turns.take(5), turns.take(5):
        went_in.append(5)
    assert went_in == [100, 5]


def test_an_image_takes_the_room_of_its_whole_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, inside = Counted(10 * PIXELS), list[int]()

    def noting(image: ImageFile.ImageFile, data: bytes) -> Image.Image:
        inside.append(turns.inside)
        return samples.to_rgb(image, data)

    monkeypatch.setattr(reading, "to_rgb", noting)
    monkeypatch.setattr(reading, "decoding", turns)
    part = zlib.compress(bytes(512 * 256 * 3))
    read(tiff_of_parts([part], (100, 300), 8, {}, tile=(256, 512)))
    assert inside == [256 * 512]


def test_a_claim_of_too_many_pixels_takes_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(reading, "decoding")
    with pytest.raises(Exception, match="40 megapixels"):
        read(encoded(Image.new("1", (8000, 8000))))
