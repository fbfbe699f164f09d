"""Boxed fields teach a detector that can be opened."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import BundleRefusedError, InvalidConfigError
from core.fields.detector import Detector
from core.fields.maps import CHANNELS, STRIDE
from core.fields.network import FieldNet
from core.fields.scale import KINDS, RBC, RED_CELL_PX, WBC
from core.training.boxes.boxed import Boxed
from core.training.boxes.sources import TERMS
from core.training.detector.fit import fit
from core.training.detector.loss import loss_of, targets
from core.training.detector.make import make_detector
from core.training.detector.windows import MOST_BOXES, SIDE_PX, opened, window
from tests.core.fields.drawn import COLOURS, Disc, drawn, rows_of

SOURCE = "TXL-PBC, 360 px"
RED_PX = TERMS[SOURCE].red_cell_px


def boxed(folder: Path, number: int = 0, *, held_back: bool = False) -> Boxed:
    """A field of 360x363 with red cells and one white cell."""
    white: Disc = (WBC, 120.0 + 20 * number, 180.0, 130.0)
    red = [
        disc
        for disc in rows_of(360, 363, RED_PX, 90)
        if np.hypot(disc[1] - white[1], disc[2] - white[2]) > 110
    ]
    path = folder / f"{number}.png"
    drawn(360, 363, [*red, white]).save(path)
    rows = [[kind, x / 360, y / 363, px / 360, px / 363] for kind, x, y, px in [*red, white]]
    return Boxed(path, SOURCE, np.array(rows, np.float32), (0, 1, 2), held_back)


def test_boxes_lie_on_their_cells_in_every_window(tmp_path: Path) -> None:
    fields = [opened(boxed(tmp_path, number)) for number in range(3)]
    rng = np.random.default_rng(0)
    sizes = []
    for _ in range(30):
        made = window(fields, 1, rng, times=1.4)
        assert made.pixels.shape == (SIDE_PX, SIDE_PX, 3)
        assert made.complete.all()
        seen = made.boxes[made.boxes[:, 0] >= 0]
        for kind, x, y, width, height in seen:
            if min(x, y, SIDE_PX - x, SIDE_PX - y) < 20:
                continue  # at an edge, or cut where another field begins
            colour = made.pixels[int(y), int(x)].astype(int)
            assert np.abs(colour - COLOURS[int(kind)]).sum() < 60
            if kind == RBC:
                sizes.append(np.sqrt(width * height))
    assert np.median(sizes) == pytest.approx(RED_CELL_PX, rel=0.15)
    assert max(sizes) > 1.2 * RED_CELL_PX


def boxes_of(*rows: tuple[float, float, float, float, float]) -> torch.Tensor:
    boxes = torch.full((1, MOST_BOXES, 5), -1.0)
    boxes[0, : len(rows)] = torch.tensor(rows).reshape(-1, 5)
    return boxes


def test_the_place_of_a_centre_is_told_its_box() -> None:
    near, told = targets(boxes_of((RBC, 34.0, 21.0, RED_CELL_PX, 12.0)), torch.Size((16, 16)))
    assert near[0, RBC].argmax() == (21 // STRIDE) * 16 + 34 // STRIDE
    assert near[0, RBC].max() == 1
    assert near[0, WBC].max() == 0
    expected = [34 / STRIDE - 8.5, 21 / STRIDE - 5.5, 0.0, np.log(0.5)]
    assert told[0, :, RBC, 5, 8].tolist() == pytest.approx(expected, abs=1e-6)


def test_the_loss_is_least_where_the_maps_tell_the_boxes() -> None:
    boxes = boxes_of((RBC, 34.0, 22.0, RED_CELL_PX, RED_CELL_PX))
    complete = torch.ones(1, len(KINDS), dtype=torch.bool)
    right = torch.full((1, CHANNELS, 16, 16), -8.0)
    right[:, len(KINDS) :] = 0
    right[:, RBC, 5, 8] = 8.0
    aside, wrong = right.clone(), right.clone()
    aside[:, len(KINDS) + RBC] = 1.0  # a place to the right
    wrong[:, : len(KINDS)] = wrong[:, : len(KINDS)].roll(1, dims=1)  # another kind
    least, off, other = (loss_of(maps, boxes, complete) for maps in (right, aside, wrong))
    assert least < off < other


def test_what_nobody_boxed_is_not_held_against_it_where_boxes_are_missing() -> None:
    seen = torch.full((1, CHANNELS, 16, 16), -8.0)
    seen[:, RBC, 3, 3] = 8.0
    boxes = boxes_of()
    every, some = (torch.tensor([[True, known, True]]) for known in (True, False))
    assert loss_of(seen, boxes, some) < 0.1 < loss_of(seen, boxes, every)


def test_it_learns(tmp_path: Path) -> None:
    images = [boxed(tmp_path, number) for number in range(3)]
    told = list(fit(images, FieldNet(8), steps=60, seed=0))
    assert [step.done for step in told] == [50, 60]
    assert told[1].loss < 0.9 * told[0].loss


def test_what_is_made_can_be_opened_and_is_refused_once_changed(tmp_path: Path) -> None:
    images = [boxed(tmp_path, number, held_back=number > 1) for number in range(4)]
    card = make_detector(images, tmp_path / "mine", steps=2)
    assert set(card.figures) == {f"{SOURCE}: {kind}" for kind in KINDS}
    assert set(card.least) == set(KINDS)
    opened_again = Detector(tmp_path / "mine")
    assert opened_again.card == card
    (found,) = opened_again.find([np.zeros((128, 128, 3), np.uint8)])
    assert found.corners.shape == (len(found), 4)
    with pytest.raises(InvalidConfigError, match="exists"):
        make_detector(images, tmp_path / "mine", steps=2)
    (tmp_path / "mine" / "network.bin").write_bytes(b"another")
    with pytest.raises(BundleRefusedError, match=r"network\.bin"):
        Detector(tmp_path / "mine")
