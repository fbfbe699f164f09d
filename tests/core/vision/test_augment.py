"""Augmentation changes images within its limits, the same way from the same state."""

from dataclasses import replace

import pytest
import torch

from core.errors import InvalidConfigError
from core.vision.augment import augment, normalise
from core.vision.augmentation import NONE, Augmentation


def images() -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    small = torch.randint(0, 256, (6, 3, 8, 8), generator=generator).float()
    return torch.nn.functional.interpolate(small, size=32, mode="bilinear").to(torch.uint8)


def augmented(how: Augmentation, seed: int = 0) -> torch.Tensor:
    return augment(images(), how, torch.Generator().manual_seed(seed))


def test_none_is_only_the_change_of_range() -> None:
    torch.testing.assert_close(augmented(NONE), normalise(images()))


@pytest.mark.parametrize(
    "change",
    [
        {"flips": True},
        {"rotation_degrees": 90.0},
        {"zoom": 0.5},
        {"shift": 0.2},
        {"brightness": 0.3},
        {"contrast": 0.3},
        {"stain": 0.2},
        {"blur": 5.0},
        {"density": 0.8},
        {"cut": 1.0},
        {"coarse": 0.9},
        {"noise": 0.4},
        {"fringe": 0.2},
        {"defocus": 0.9},
        {"exposure": 1.0},
        {"surroundings": 1.0},
        {"exchange": 1.0},
        {"zones": 0.5},
        {"grey": 1.0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_change_shows_and_stays_in_range(change: dict[str, float]) -> None:
    changed = augmented(replace(NONE, **change), seed=1)

    assert changed.shape == (6, 3, 32, 32)
    assert changed.min() >= -1
    assert changed.max() <= 1
    assert not torch.allclose(changed, normalise(images()), atol=0.02)


def test_same_state_gives_same_images_and_another_gives_others() -> None:
    torch.testing.assert_close(augmented(Augmentation()), augmented(Augmentation()))
    assert not torch.allclose(augmented(Augmentation(), 0), augmented(Augmentation(), 1), atol=0.02)


def test_flip_is_a_flip() -> None:
    flipped = augmented(replace(NONE, flips=True))
    originals = normalise(images())

    for image, original in zip(flipped, originals, strict=True):
        turned = [original.flip(dims) for dims in ([], [1], [2], [1, 2])]
        assert any(torch.allclose(image, one, atol=1e-4) for one in turned)


def test_what_has_a_margin_is_cut_from_its_middle_at_the_same_scale() -> None:
    generator = torch.Generator().manual_seed(0)
    middle = augment(images(), NONE, generator, side_px=20)
    torch.testing.assert_close(middle, normalise(images(), 20), atol=1e-4, rtol=0)
    turned = augment(images(), replace(NONE, rotation_degrees=180), generator, side_px=20)
    assert turned.shape == (6, 3, 20, 20)


def test_a_cut_leaves_the_cell_and_only_white_beyond() -> None:
    changed = augmented(replace(NONE, cut=1.0))
    same = (changed - normalise(images())).abs() < 1e-4
    assert (same | (changed == 1)).all()
    assert same[..., 12:20, 12:20].all()


def test_a_plain_image_is_only_moved() -> None:
    strong = replace(NONE, blur=2.0, coarse=0.8, noise=0.1, stain=0.3, cut=0.5, plain=1.0)
    torch.testing.assert_close(augmented(strong), normalise(images()), atol=1e-4, rtol=0)
    some = (augmented(replace(strong, plain=0.5)) - normalise(images())).abs().amax(dim=(1, 2, 3))
    assert (some < 1e-4).any()
    assert (some > 1e-2).any()


def test_fringes_move_the_colour_channels_apart() -> None:
    pixels = torch.zeros(8, 3, 33, 33, dtype=torch.uint8)
    pixels[:, :, 16, 16] = 255
    how = replace(NONE, fringe=0.2)
    changed = augment(pixels, how, torch.Generator().manual_seed(0)) + 1
    x = torch.arange(33.0)
    middles = (changed.sum(dim=2) * x).sum(dim=-1) / changed.sum(dim=(2, 3)).clamp(min=1e-6)
    apart = (middles.amax(dim=1) - middles.amin(dim=1)) > 0.5
    assert apart.any()
    assert not apart.all()


def test_other_surroundings_leave_the_cell() -> None:
    changed = augmented(replace(NONE, surroundings=1.0))
    others = normalise(images())
    torch.testing.assert_close(changed[..., 12:20, 12:20], others[..., 12:20, 12:20])
    corner = changed[..., 0, 0].unsqueeze(1) - others[..., 0, 0].unsqueeze(0)  # (N, N, 3)
    assert (corner.abs().amax(dim=-1).min(dim=1).values < 1e-4).all()


def test_overexposed_white_stays_white_and_nothing_gets_darker() -> None:
    changed, before = augmented(replace(NONE, exposure=1.0)), normalise(images())
    assert (changed >= before - 1e-4).all()
    assert changed.max() == 1


def test_limits_are_checked() -> None:
    with pytest.raises(InvalidConfigError, match="stain"):
        Augmentation(stain=3)


def test_zones_leave_the_dark_as_it_is() -> None:
    pixels = torch.full((8, 3, 16, 16), 200, dtype=torch.uint8)
    pixels[..., 4:12, 4:12] = 20
    changed = augment(pixels, replace(NONE, zones=0.5), torch.Generator().manual_seed(0))
    moved = (changed - normalise(pixels)).abs()
    assert moved[..., 6:10, 6:10].max() < 0.01
    assert moved[..., :2, :2].max() > 0.05


def test_exchanged_colours_are_those_of_another_image() -> None:
    pixels = images()
    pixels[:3] = pixels[:3] // 4  # half of them are dark
    changed = augment(pixels, replace(NONE, exchange=1.0), torch.Generator().manual_seed(2))
    before, after = (one.mean(dim=(1, 2, 3)) for one in (normalise(pixels), changed))
    assert after.std() < 0.9 * before.std()
