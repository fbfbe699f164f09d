"""Images without a cell: many kinds, the same for the same seed."""

import numpy as np
from PIL import Image

from core.dataset.synthetic import render_cell
from core.training.loop.no_cell import no_cell_images
from core.vision.nucleus import find_nucleus


def cells() -> list[Image.Image]:
    return [Image.fromarray(render_cell("monocyte", np.random.default_rng(i))) for i in range(3)]


def test_a_longer_list_begins_with_the_shorter_one() -> None:
    short = list(no_cell_images(9, cells(), cells(), seed=4))
    long = list(no_cell_images(22, cells(), cells(), seed=4))
    assert [p.tobytes() for p in short] == [p.tobytes() for p in long[:9]]
    assert len({p.tobytes() for p in long}) == 22
    assert {p.mode for p in long} == {"RGB"}


def test_another_seed_gives_other_images() -> None:
    one, other = (next(no_cell_images(1, [], [], seed=seed)) for seed in (1, 2))
    assert one.tobytes() != other.tobytes()


def test_corners_show_no_nucleus_and_blurred_cells_no_edge() -> None:
    images = list(no_cell_images(12, cells(), []))
    dark = [find_nucleus(image) for image in images[8:10]]  # the two corners
    assert all(found is None or found.density[0] < 0.5 for found in dark)
    for blurred in images[10:12]:
        edges = np.abs(np.diff(np.asarray(blurred, float), axis=0))
        assert edges.max() < 6
