"""The same cell looks the same, wherever and however it was photographed."""

import hashlib
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from core.vision.nucleus import find_nucleus
from core.vision.preparation import Preparation, middle
from core.vision.profile import Profile
from core.vision.views import CellView, NucleusView

WHITE = (240, 238, 235)
VIEW = NucleusView()
AROUND = CellView("cells-1")


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


def framed(image: Image.Image, profile: Profile | None = None) -> np.ndarray:
    return Preparation(96, VIEW)(image, profile)


def difference(one: Image.Image, other: Image.Image, profile: Profile | None = None) -> float:
    """Mean difference of brightness between the two as a network sees them, 0 to 255."""
    views = [framed(image, profile).astype(float) for image in (one, other)]
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


def test_an_image_of_noise_is_measured_to_its_end() -> None:
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
    small, large = (framed(cell(nucleus=size)) for size in (45, 90))
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
        framed(near, profile(0.36)).astype(float),
        framed(far, profile(0.18)).astype(float),
    ]
    assert np.abs(seen[0] - seen[1]).mean() < 3


def test_beyond_the_image_there_is_background() -> None:
    seen = framed(cell(x=40, y=40))
    assert (np.abs(seen[0, 0].astype(int) - VIEW.background) <= 2).all()


def test_an_image_without_a_nucleus_is_shown_from_its_middle() -> None:
    assert framed(Image.new("RGB", (60, 80), WHITE)).shape == (96, 96, 3)


def test_the_middle_of_what_has_a_margin_is_what_has_none() -> None:
    wide = Preparation(64, VIEW, 1.5)(cell())
    assert wide.shape == (96, 96, 3)
    plain = Preparation(64, VIEW)(cell()).astype(int)
    assert np.abs(middle(wide[None], 64)[0] - plain).max() <= 2


def test_without_a_view_the_square_is_as_it_was() -> None:
    plain = Preparation(100)
    assert (plain.at_least_px, plain.stored_px) == (100, 100)
    assert np.array_equal(plain(cell()), np.asarray(cell().resize((100, 100), 2)))


@given(
    x=st.floats(0, 200),
    y=st.floats(0, 200),
    nucleus=st.floats(20, 110),
    size=st.tuples(st.integers(40, 200), st.integers(40, 200)),
    prepare=st.sampled_from([Preparation(96), Preparation(96, VIEW), Preparation(97, VIEW, 1.5)]),
    points=st.lists(st.tuples(st.floats(-50, 250), st.floats(-50, 250)), min_size=1, max_size=9),
)
@settings(deadline=None, max_examples=100)
def test_there_and_back_is_where_one_was(
    x: float,
    y: float,
    nucleus: float,
    size: tuple[int, int],
    prepare: Preparation,
    points: list[tuple[float, float]],
) -> None:
    framing = prepare.see(cell(x=x, y=y, nucleus=nucleus).crop((0, 0, *size))).framing
    there = np.array(points)
    assert np.abs(framing.to_image(framing.to_square(there)) - there).max() < 0.5
    assert np.abs(framing.to_square(framing.to_image(there)) - there).max() < 0.5


@pytest.mark.parametrize("x,y", [(100, 100), (45, 150), (160, 60)])
def test_a_point_lies_in_the_square_where_the_framing_says(x: float, y: float) -> None:
    seen = Preparation(96, VIEW).see(cell(x=x, y=y))
    dark = np.argwhere(seen.square[..., 0] < 150)[:, ::-1] + 0.5  # of the nucleus alone
    assert seen.framing.to_image(dark).mean(axis=0) == pytest.approx((x, y), abs=2)
    assert seen.framing.image_px == (200, 200)


@pytest.mark.parametrize("size", [(121, 90), (90, 121), (100, 100)])
def test_without_a_view_the_framing_is_the_centred_square(size: tuple[int, int]) -> None:
    framing = Preparation(30).see(Image.new("RGB", size)).framing
    corners = framing.to_image(np.array([(0, 0), (30, 30)]))
    left, top = (size[0] - min(size)) // 2, (size[1] - min(size)) // 2
    assert corners == pytest.approx(
        np.array([(left, top), (left + min(size), top + min(size))]), abs=1e-9
    )


SEEN_BEFORE = {  # what networks have learnt from: not a bit of it may change
    "middle": ("09bbb69f80559489", "b235a93f58bc4469", "366e75a56eb8b1b1"),
    "edge": ("bccbc8fe17a46580", "d7d5c70f8e1ec027", "5f3f06f2c2cf5d94"),
    "tall": ("cb74ba381e729bd9", "f367ad5b92452527", "90b60f43e8f172b9"),
}


@pytest.mark.parametrize("name", SEEN_BEFORE)
def test_a_network_sees_the_very_same_pixels_as_ever(name: str) -> None:
    image = {
        "middle": cell(),
        "edge": cell(x=40, y=150),
        "tall": cell(side=160, nucleus=45, x=70, y=90).crop((0, 0, 121, 160)),
    }[name]
    ways = (Preparation(96), Preparation(96, VIEW), Preparation(97, VIEW, 1.5))
    seen = tuple(hashlib.sha256(way(image).tobytes()).hexdigest()[:16] for way in ways)
    assert seen == SEEN_BEFORE[name]


def test_each_way_to_prepare_has_a_mark_of_its_own() -> None:
    ways = [Preparation(64), Preparation(64, VIEW), Preparation(64, VIEW, 1.5)]
    ways.append(Preparation(64, NucleusView(background=240)))
    assert len({way.mark for way in ways}) == 4


def framed_around(image: Image.Image, profile: Profile | None = None) -> np.ndarray:
    return Preparation(96, AROUND)(image, profile)


def place_of(square: np.ndarray) -> tuple[float, float, float]:
    """The middle x and y of what is dark in it, and how wide it is, in px."""
    dark = square.mean(axis=2) < 190
    rows, columns = np.nonzero(dark)
    return float(columns.mean()), float(rows.mean()), float(np.sqrt(dark.sum()))


@pytest.mark.parametrize(("x", "y"), [(100, 100), (80, 112), (118, 90)])
def test_a_view_around_the_cell_has_it_in_the_middle_on_the_same_white(x: float, y: float) -> None:
    seen = framed_around(cell(x=x, y=y, white=(215, 200, 170)))
    across, down, _ = place_of(seen)
    assert (across, down) == pytest.approx((48, 48), abs=5)
    assert (np.abs(seen[0, 0].astype(int) - AROUND.background) <= 3).all()


def test_a_view_around_the_cell_leaves_the_stain_as_it_is() -> None:
    one, other = (framed_around(cell(density=d)) for d in ((0.8, 1.4, 0.4), (0.5, 1.4, 0.8)))
    middles = [seen[44:52, 44:52].mean(axis=(0, 1)) for seen in (one, other)]
    assert middles[1][0] - middles[0][0] > 20  # less red is absorbed
    assert middles[0][2] - middles[1][2] > 20  # more blue is


def test_under_a_profile_another_magnification_of_the_cell_is_brought_to_the_same_size() -> None:
    def profile(share: float) -> Profile:
        made = datetime(2026, 1, 1, tzinfo=UTC)
        return Profile(
            name="there", cells=50, cell_share=share, class_mix={}, bundle="tiny", created=made
        )

    wide = [
        place_of(framed_around(cell(nucleus=size), under))[2]
        for size, under in ((80, profile(0.64)), (40, profile(0.32)), (80, None), (40, None))
    ]
    assert wide[0] / wide[1] == pytest.approx(1, abs=0.12)
    assert wide[2] / wide[3] == pytest.approx(np.sqrt(2), rel=0.12)
