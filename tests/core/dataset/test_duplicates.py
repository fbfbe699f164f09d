"""Second shots of a cell are found, strangers are not grouped."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.dataset.catalogue import update_catalogue
from core.dataset.duplicates import correlation
from tests.core.dataset.drawn import cell_pixels, jpeg


def test_identical_and_recompressed_images_are_one_cell(data_root: Path, tmp_path: Path) -> None:
    original = cell_pixels(0, 160)
    for name, quality in {"A": 92, "A_again": 92, "A_softer": 60}.items():
        (data_root / "basophil" / f"{name}.jpg").write_bytes(jpeg(original, quality))
    images = update_catalogue(data_root, tmp_path / "cache").images
    of_a = images[images["path"].str.startswith("basophil/A")]
    assert len(of_a) == 3
    assert of_a["group"].nunique() == 1
    assert images["group"].nunique() == len(images) - 2


@pytest.mark.parametrize("seed", range(4))
def test_shifted_crops_of_one_field_are_one_view(
    data_root: Path, tmp_path: Path, seed: int
) -> None:
    field = np.asarray(Image.fromarray(cell_pixels(seed)).resize((400, 400)))
    for name, at in {"A": 20, "A_shifted": 50}.items():
        crop = field[at : at + 320, 30:350]
        (data_root / "basophil" / f"{name}.jpg").write_bytes(jpeg(crop))
    images = update_catalogue(data_root, tmp_path / "cache").images.set_index("path")
    both = images.loc[["basophil/A.jpg", "basophil/A_shifted.jpg"]]
    assert both["view"].nunique() == 1
    assert images["view"].nunique() == len(images) - 1


def test_different_cells_stay_apart(data_root: Path, tmp_path: Path) -> None:
    images = update_catalogue(data_root, tmp_path / "cache").images
    assert images["group"].nunique() == len(images)


def on_plain_ground(seed: int) -> np.ndarray:
    """A dark cell in the middle of nothing, (160, 160, 3) uint8; another one for each seed."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-80:80, -80:80]
    wave = np.cos(2 * np.arctan2(y, x) + rng.uniform(0, 6))
    radius = rng.uniform(39, 41) + 3 * wave
    texture = np.kron(rng.integers(-40, 40, (10, 10)), np.ones((16, 16)))
    grey = np.where(np.hypot(x, y) < radius, 70 + texture, 235)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def test_cells_on_a_plain_ground_are_no_pair_for_their_darkness(
    data_root: Path, tmp_path: Path
) -> None:
    folder = data_root / "basophil"
    for seed in range(8):
        (folder / f"plain_{seed}.jpg").write_bytes(jpeg(on_plain_ground(seed)))
    again = np.roll(on_plain_ground(0), (5, -5), axis=(0, 1)) - 10
    (folder / "plain_0_again.jpg").write_bytes(jpeg(again))
    images = update_catalogue(data_root, tmp_path / "cache").images.set_index("path")
    plain = images[images.index.str.contains("plain")]
    for column in ("group", "view"):
        shared = plain.index[plain[column].duplicated(keep=False)]
        assert sorted(shared) == ["basophil/plain_0.jpg", "basophil/plain_0_again.jpg"]


def test_correlation_bears_shifts_and_flat_images() -> None:
    rng = np.random.default_rng(0)
    large = rng.integers(0, 256, (1, 40, 40), dtype=np.uint8)
    a, b = large[:, 4:36, 4:36], large[:, 2:34, 7:39]
    flat = np.full((1, 32, 32), 90, np.uint8)
    assert correlation(a, b)[0] > 0.999
    assert correlation(a, large[:, ::-1][:, :32, :32])[0] < 0.5
    assert correlation(flat, flat)[0] == 0


@pytest.mark.slow
def test_real_cells_group_in_pairs_only(real_data: Path, tmp_path: Path) -> None:
    images = update_catalogue(real_data, tmp_path).images.set_index("path")
    for column, expected in (
        ("group", ("eosinophil/EO_246684.jpg", "eosinophil/EO_409717.jpg")),
        ("view", ("neutrophil/SNE_487530.jpg", "neutrophil/SNE_973513.jpg")),
    ):
        assert set(Counter(Counter(images[column]).values())) <= {1, 2}
        if set(expected) <= set(images.index):
            assert images.loc[list(expected), column].nunique() == 1
