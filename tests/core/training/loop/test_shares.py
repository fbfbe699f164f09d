"""Every process sees as much, every image is seen, and no image stands alone in a batch."""

import numpy as np
import pytest

from core.training.loop import shares


@pytest.mark.parametrize("images", [7, 8, 9, 64])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_shares_are_equal_and_hold_all(images: int, processes: int) -> None:
    rows = np.random.default_rng(0).permutation(images)
    dealt = [shares.share(rows, rank, processes) for rank in range(processes)]
    assert {len(own) for own in dealt} == {shares.of_each(images, processes)}
    assert set(np.concatenate(dealt)) == set(rows)


def test_one_process_sees_the_rows_as_they_are() -> None:
    rows = np.array([5, 3, 9])
    assert shares.share(rows, 0, 1).tolist() == [5, 3, 9]


@pytest.mark.parametrize("images", range(2, 12))
@pytest.mark.parametrize("size", [2, 3, 4])
def test_no_batch_holds_one_image(images: int, size: int) -> None:
    rows = np.arange(images)
    dealt = [shares.batch(rows, at, size) for at in range(shares.batches(images, size))]
    assert np.concatenate(dealt).tolist() == rows.tolist()
    assert all(2 <= len(own) <= size + 1 for own in dealt)
