"""The same cell looks the same, wherever and however it was photographed."""

from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.vision.framing import View, framed
from core.vision.nucleus import find_nucleus
from core.vision.preparation import Preparation, middle
from core.vision.profile import Profile

WHITE = (240, 238, 235)
VIEW = View()


def cell(
    side: int = 200,
    nucleus: float = 60,
    x: float = 100,
    y: float = 100,
    white: tuple[int, ...] = WHITE,
    density: tuple[float, ...] = (0.8, 1.4, 0.4),
) -> Image.Image:
    """A round nucleus in pale cytoplasm, ``nucleus`` px wide, drawn by Beer and Lambert."""
    image = Image.new("RGB", (side * 4, side * 4), white)
    draw = ImageDraw.Draw(image)
    for width, share in ((1.6, 0.25), (1.0, 1.0)):
        half = nucleus * width / 2
        colour = tuple(round(w * np.exp(-d * share)) for w, d in zip(white, density, strict=True))
        draw.ellipse([4 * v for v in (x - half, y - half, x + half, y + half)], fill=colour)
    return image.resize((side, side), Image.Resampling.BOX)


def difference(one: Image.Image, other: Image.Image, profile: Profile | None = None) -> float:
    """Mean difference of brightness between the two as a network sees them, 0 to 255."""
    views = [framed(image, VIEW, 96, profile).astype(float) for image in (one, other)]
    return float(np.abs(views[0] - views[1]).mean())


def test_the_nucleus_is_measured() -> None:
    found = find_nucleus(cell(nucleus=60, x=90, y=110))
    assert found is not None
    assert (found.x, found.y) == pytest.approx((90, 110), abs=2)
    assert found.side_px == pytest.approx(60 * np.sqrt(np.pi) / 2, rel=0.08)
    assert found.background == pytest.approx(WHITE, abs=2)
    assert found.density == pytest.approx((0.8, 1.4, 0.4), rel=0.1)


@pytest.mark.parametrize("colour", ["white", "grey", "black"])
def test_where_nothing_is_stained_there_is_no_nucleus(colour: str) -> None:
    assert find_nucleus(Image.new("RGB", (120, 90), colour)) is None


def test_a_picture_of_noise_is_measured_to_its_end() -> None:
    rng = np.random.default_rng(0)
    for levels in (2, 256):
        noise = rng.integers(0, levels, (100, 100, 3)) * (255 // (levels - 1))
        found = find_nucleus(Image.fromarray(noise.astype(np.uint8)))
        assert found is None or found.side_px <= 100


def test_place_light_and_stain_make_no_difference() -> None:
    usual = cell()
    unlike = cell(x=85, y=112, white=(215, 200, 150), density=(0.45, 0.9, 0.7))
    assert difference(usual, unlike) < 3
    raw = np.abs(np.asarray(usual, float) - np.asarray(unlike, float)).mean()
    assert raw > 10 * difference(usual, unlike)


def test_size_in_the_frame_makes_half_the_difference_without_a_profile() -> None:
    small, large = (framed(cell(nucleus=size), VIEW, 96) for size in (45, 90))
    widths = [np.sqrt((view[..., 0] < 150).sum()) for view in (small, large)]
    assert widths[1] / widths[0] == pytest.approx(np.sqrt(2), rel=0.1)


def test_a_profile_brings_another_magnification_to_the_same_size() -> None:
    def profile(share: float) -> Profile:
        made = datetime(2026, 1, 1, tzinfo=UTC)
        return Profile(
            name="there", cells=50, nucleus_share=share, class_mix={}, bundle="tiny", created=made
        )

    near, far = cell(nucleus=80), cell(nucleus=40)
    seen = [
        framed(near, VIEW, 96, profile(0.36)).astype(float),
        framed(far, VIEW, 96, profile(0.18)).astype(float),
    ]
    assert np.abs(seen[0] - seen[1]).mean() < 3


def test_beyond_the_picture_there_is_background() -> None:
    seen = framed(cell(x=40, y=40), VIEW, 96)
    assert (np.abs(seen[0, 0].astype(int) - VIEW.background) <= 2).all()


def test_a_picture_without_a_nucleus_is_shown_from_its_middle() -> None:
    assert framed(Image.new("RGB", (60, 80), WHITE), VIEW, 96).shape == (96, 96, 3)


def test_the_middle_of_what_has_a_margin_is_what_has_none() -> None:
    wide = Preparation(64, VIEW, 1.5)(cell())
    assert wide.shape == (96, 96, 3)
    plain = Preparation(64, VIEW)(cell()).astype(int)
    assert np.abs(middle(wide[None], 64)[0] - plain).max() <= 2


def test_without_a_view_the_square_is_as_it_was() -> None:
    plain = Preparation(100)
    assert (plain.at_least_px, plain.stored_px, plain.mark) == (100, 100, "100")
    assert np.array_equal(plain(cell()), np.asarray(cell().resize((100, 100), 2)))


def test_each_way_to_prepare_has_a_mark_of_its_own() -> None:
    ways = [Preparation(64), Preparation(64, VIEW), Preparation(64, VIEW, 1.5)]
    ways.append(Preparation(64, View(background=240)))
    assert len({way.mark for way in ways}) == 4
