import numpy as np
import pytest
from PIL import Image, ImageChops

from core.analysis.field import FrameMeasures, measure
from tests.core.analysis.images import cell, field


def test_a_cell_in_the_middle_is_no_field():
    assert not measure(cell()).is_field


def test_many_small_bodies_are_a_field_whatever_the_size():
    for factor in (1, 2, 3):
        image = field().resize((640 * factor, 480 * factor))
        assert measure(image).is_field


def test_a_square_cut_from_a_field_is_a_field():
    assert measure(field().crop((80, 0, 560, 480))).is_field


def test_a_cell_far_from_the_middle_is_no_image_of_that_cell():
    image = cell(96, 96)
    assert measure(ImageChops.offset(image, 34)).is_field


@pytest.mark.parametrize("size", [(200, 96), (96, 200)])
def test_the_shape_of_the_frame_is_measured(size):
    assert measure(cell(*size)).aspect == pytest.approx(200 / 96)


def test_width_is_the_share_of_the_frame_that_a_body_takes():
    bars = np.full((64, 64, 3), 240, dtype=np.uint8)
    bars[16:32, 16:32] = 100
    assert measure(Image.fromarray(bars)).width == pytest.approx(16 / 64, rel=0.01)


def test_wide_frames_need_more_in_the_middle():
    assert not FrameMeasures(centre=2.0, width=0.2, aspect=1.0).is_field
    assert FrameMeasures(centre=2.0, width=0.2, aspect=1.4).is_field


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_even_image_holds_nothing(value):
    measures = measure(Image.new("RGB", (50, 50), (value,) * 3))
    assert (measures.centre, measures.width, measures.aspect) == (0, 0, 1)


def test_real_cells_are_no_fields(real_data):
    from core.analysis.files import read_paths

    for folder in ("platelet", "neutrophil", "erythroblast"):
        paths = sorted((real_data / folder).glob("*.jpg"))[:40]
        assert len(paths) == 40, folder
        refused = [item for item in read_paths(paths) if hasattr(item, "reason")]
        assert len(refused) <= 1, folder
