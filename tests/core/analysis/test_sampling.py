"""A draw from many images takes from all of them and stays within its bounds."""

from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from core.analysis import sampling
from core.analysis.intake import CellImage


@pytest.fixture
def of() -> Callable[[int], Iterator[CellImage]]:
    """So many images, one after the other, each named by its number."""
    rgb = Image.new("RGB", (10, 10))

    def made(count: int) -> Iterator[CellImage]:
        for number in range(count):
            yield CellImage(str(number), "", rgb, b"x" * 100, (10, 10), None, "PNG")

    return made


def numbers(drawn: list[CellImage]) -> list[int]:
    return [int(image.name) for image in drawn]


def test_few_are_all_taken_in_their_order(of: Callable[[int], Iterator[CellImage]]) -> None:
    assert numbers(sampling.draw(of(50))) == list(range(50))


def test_of_many_as_many_as_are_needed_are_drawn_from_all(
    of: Callable[[int], Iterator[CellImage]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "MOST_IMAGES", 200)
    drawn = numbers(sampling.draw(of(1000)))
    assert len(drawn) == 200
    assert drawn == sorted(drawn) == numbers(sampling.draw(of(1000)))
    assert all(20 < sum(n // 200 == fifth for n in drawn) < 60 for fifth in range(5))


def test_of_large_ones_fewer_are_kept(
    of: Callable[[int], Iterator[CellImage]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "MOST_BYTES", 4000)  # 400 each
    assert len(sampling.draw(of(100))) == 10
