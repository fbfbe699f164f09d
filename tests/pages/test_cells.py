"""Images in files are drawn whatever their names are, and told as gone where they are."""

from pathlib import Path

import numpy as np
import pytest

from core.image_files import path_in_words
from pages.components.evaluation import suspect
from pages.components.shared import cells
from tests.core.analysis.images import cell, encoded


@pytest.fixture(params=["a.png", "Pr\udce9l.png"])
def image(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Of a name in UTF-8 or in Latin-1."""
    path = tmp_path / request.param
    path.write_bytes(encoded(cell()))
    return path


def test_a_thumbnail_is_drawn_from_the_file_or_from_its_shown_name(image: Path) -> None:
    drawn = [cells.thumbnail(path) for path in (image, Path(path_in_words(image)))]
    assert drawn[0].shape == (112, 112, 3)
    assert np.array_equal(*drawn)


def test_a_suspect_is_found_by_its_shown_name(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []
    monkeypatch.setattr(suspect.st, "image", lambda image, **_: drawn.append(image))
    suspect._image(Path(path_in_words(image)))
    assert drawn


def test_a_file_that_goes_while_it_is_looked_at_is_told_as_gone(
    image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(path: Path) -> bytes:
        path.unlink()
        return path.read_bytes()

    monkeypatch.setattr(cells, "image_bytes", gone)
    with pytest.raises(FileNotFoundError):
        cells.thumbnail(image)
