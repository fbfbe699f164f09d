"""Every sample falls into one slice of each measure; the counts add up."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from core.evaluation.slices import (
    UNMEASURED,
    measures,
    nucleus_shares,
    slice_table,
    with_slices,
)
from core.shares import exact_limits


@pytest.fixture
def result(evaluated):
    """Eight cells; the two darkest are wrong. The catalogue has them the other way round."""
    return evaluated([0] * 8, [1, 1, 0, 0, 0, 0, 0, 0], subtypes=("Band",) * 3 + ("",) * 5)


@pytest.fixture
def images(result) -> pd.DataFrame:
    light = np.arange(8.0)
    table = {"path": result.sample_ids, "sharpness": [5.0] * 8}
    return pd.DataFrame(table | {f"mean_{c}": light for c in "rgb"}).iloc[::-1]


@pytest.fixture
def samples(result, images) -> pd.DataFrame:
    shares = np.array([np.nan, 0.4, 0.3, 0.2, 0.1, 0.1, 0.1, 0.1])
    return with_slices(result, measures(result, images, shares))


def test_quarters_hold_as_many_images_each_and_their_own_errors(samples):
    table = slice_table(samples, "brightness")
    names = ["Quarter 1, darkest", "Quarter 2", "Quarter 3", "Quarter 4, brightest"]
    assert table["slice"].tolist() == names
    assert table["n"].tolist() == [2, 2, 2, 2]
    assert table["errors"].tolist() == [2, 0, 0, 0]
    assert table["accuracy"].tolist() == [0, 1, 1, 1]
    assert table.loc[1, ["low", "high"]].tolist() == list(exact_limits(2, 2))
    assert table.loc[3, ["least", "most"]].tolist() == [6, 7]


def test_where_all_are_alike_there_is_one_slice(samples):
    assert slice_table(samples, "sharpness")["n"].tolist() == [8]


def test_what_has_no_nucleus_is_a_slice_of_its_own(samples):
    table = slice_table(samples, "scale").set_index("slice")
    assert table.loc[UNMEASURED, ["n", "errors"]].tolist() == [1, 1]
    assert table["n"].sum() == 8


def test_images_without_a_subtype_are_in_no_slice(samples):
    table = slice_table(samples, "subtype")
    assert table[["slice", "n", "errors"]].values.tolist() == [["Band", 3, 2]]
    assert table["least"].isna().all()


def test_the_nucleus_is_measured_as_a_share_of_the_image(result, tmp_path: Path):
    for number, path in enumerate(result.sample_ids):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        image = Image.new("RGB", (160, 160), (230, 220, 225))
        if number:  # the first shows nothing
            half = 8 * number
            box = (80 - half, 80 - half, 80 + half, 80 + half)
            ImageDraw.Draw(image).rectangle(box, fill=(90, 50, 140))
        image.save(tmp_path / path, format="PNG")
    (tmp_path / result.sample_ids[7]).unlink()
    shares = nucleus_shares(tmp_path, result)
    assert np.isnan(shares[[0, 7]]).all()
    assert shares[1:6] == pytest.approx([(n / 10) ** 2 for n in range(1, 6)], rel=0.35)
