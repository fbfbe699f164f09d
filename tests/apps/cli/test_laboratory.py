"""``profile`` on the command line: what it takes of a folder."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from apps.cli import laboratory
from core.analysis import sampling
from core.errors import ProfileError
from core.settings import Settings
from core.vision import profiling
from tests.core.analysis.images import cell, encoded


def test_of_more_images_than_a_profile_needs_no_more_are_kept(
    chosen: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for number in range(12):
        (tmp_path / f"{number}.png").write_bytes(encoded(cell()))
    (tmp_path / "damaged.png").write_bytes(encoded(cell())[:60])
    taken: list[Image.Image] = []

    def make_profile(name: str, images: Sequence[Image.Image], *_: object) -> None:
        taken.extend(images)
        raise ProfileError(name)

    monkeypatch.setattr(sampling, "MOST_IMAGES", 5)
    monkeypatch.setattr(profiling, "make_profile", make_profile)
    with pytest.raises(ProfileError):
        laboratory.profile(tmp_path, "ward-3")
    assert len(taken) == 5
    assert "damaged.png" in capsys.readouterr().err
