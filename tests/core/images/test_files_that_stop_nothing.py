"""Files that no cell can be read from are refused by themselves, with what to do."""

import pytest
from PIL import Image

from core.errors import ImageRefusedError
from core.images import decode, decode_cell
from tests.core.analysis.images import encoded


@pytest.mark.parametrize("size", [(16, 20_000), (20_000, 16)])
def test_too_long_and_thin_for_a_cell(size: tuple[int, int]) -> None:
    data = encoded(Image.new("L", size, 128))
    for read in (decode, decode_cell):
        with pytest.raises(ImageRefusedError, match="long and thin"):
            read(data)


def test_what_is_left_inside_a_border_may_be_too_thin() -> None:
    image = Image.new("RGB", (1000, 16_000))
    image.paste((200, 180, 190), (490, 0, 510, 16_000))
    with pytest.raises(ImageRefusedError, match="20x16000"):
        decode_cell(encoded(image))


@pytest.mark.parametrize(
    ("pointer", "command"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 1\n", "git lfs pull"),
        (b"/annex/objects/SHA256E-s1--aa.jpg\n", "git annex get"),
    ],
)
def test_what_stands_for_a_file_elsewhere_is_named(pointer: bytes, command: str) -> None:
    with pytest.raises(ImageRefusedError, match=command):
        decode(pointer)
