"""Heat maps say something about the network and the image, and lie where the cell is.

Source of the sanity checks: Adebayo et al. 2018, Sanity Checks for Saliency Maps, NeurIPS.
"""

import io
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.analysis.heat_map import HeatMap, HeatMaps
from core.analysis.heat_paint import painted
from core.dataset.synthetic import render_cell
from core.errors import HeatMapError
from core.settings import Settings
from core.vision import networks
from core.vision.bundle import WEIGHTS, Bundle, find_bundle
from core.vision.card.contents import HeatMapCard
from core.vision.described import read_body

SIDE_PX = 360


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return find_bundle(Settings().bundle, Settings())


@pytest.fixture(scope="module")
def maps(shipped: Bundle) -> HeatMaps:
    return HeatMaps(shipped)


@pytest.fixture(scope="module")
def cell() -> Image.Image:
    return Image.fromarray(render_cell("neutrophil", np.random.default_rng(3)))


def of(maps: HeatMaps, image: Image.Image, label: str) -> HeatMap:
    return maps.of(maps.bundle.card.preparation.see(image), label)


def likeness(one: HeatMap, other: HeatMap) -> float:
    """Their correlation; a map without heat is like no other."""
    if not (one.heat.any() and other.heat.any()):
        return 0.0
    return float(np.corrcoef(one.heat.ravel(), other.heat.ravel())[0, 1])


def centre(found: HeatMap) -> tuple[float, float]:
    """Where the heat lies, across and down, in shares of the image."""
    down, across = np.indices(found.heat.shape) + 0.5
    (height, width), total = found.heat.shape, found.heat.sum()
    return (
        float((across * found.heat).sum() / total / width),
        float((down * found.heat).sum() / total / height),
    )


def test_a_map_lies_over_the_whole_image(maps: HeatMaps, cell: Image.Image) -> None:
    found = of(maps, cell.crop((0, 60, 360, 300)), "neutrophil")
    assert (found.heat.shape, found.heat.dtype) == ((64, 96), np.float32)
    assert found.heat.min() == 0
    assert 0.8 < found.heat.max() <= 1
    assert (found.label, found.bundle) == ("neutrophil", maps.bundle.name)


def test_the_same_image_has_the_same_map(maps: HeatMaps, cell: Image.Image) -> None:
    first, second = (of(maps, cell, "neutrophil") for _ in range(2))
    assert np.array_equal(first.heat, second.heat)


def test_the_heat_lies_on_the_cell(maps: HeatMaps, cell: Image.Image) -> None:
    across, down = centre(of(maps, cell, "neutrophil"))
    assert abs(across - 0.5) < 0.12 and abs(down - 0.5) < 0.12


@pytest.mark.parametrize("left,top", [(60, 90), (200, 40)])
def test_the_heat_moves_with_the_cell(
    maps: HeatMaps, cell: Image.Image, left: int, top: int
) -> None:
    width, height = 620, 480
    large = Image.new("RGB", (width, height), cell.getpixel((2, 2)))
    large.paste(cell, (left, top))
    across, down = centre(of(maps, large, "neutrophil"))
    assert abs(across - (left + SIDE_PX / 2) / width) < 0.1
    assert abs(down - (top + SIDE_PX / 2) / height) < 0.1


def test_what_the_network_does_not_see_is_cold(maps: HeatMaps, cell: Image.Image) -> None:
    wide = Image.new("RGB", (1000, SIDE_PX), cell.getpixel((2, 2)))
    wide.paste(cell, (320, 0))
    heat = of(maps, wide, "neutrophil").heat
    framing = maps.bundle.card.preparation.see(wide).framing
    ends = framing.to_image(np.array([(0, 0), (framing.square_px, 0)]))[:, 0]
    first, last = int(ends[0] / 1000 * 96), int(ends[1] / 1000 * 96) + 1
    assert first > 10 and last < 86
    assert heat[:, :first].max() == heat[:, last:].max() == 0 < heat.max()


def test_without_the_cell_the_map_is_another(maps: HeatMaps, cell: Image.Image) -> None:
    pixels = np.array(cell)
    rows, columns = np.indices(pixels.shape[:2]) - SIDE_PX // 2
    pixels[np.hypot(rows, columns) < 90] = 240
    empty = of(maps, Image.fromarray(pixels), "neutrophil")
    assert likeness(of(maps, cell, "neutrophil"), empty) < 0.5


def test_another_class_has_another_map(maps: HeatMaps, cell: Image.Image) -> None:
    own, other = (of(maps, cell, key) for key in ("neutrophil", "lymphocyte"))
    assert likeness(own, other) < 0.8


def test_random_weights_have_another_map(shipped: Bundle, maps: HeatMaps, tmp_path: Path) -> None:
    torch.manual_seed(0)
    net, _ = networks.build(shipped.card.architecture, shipped.card.outputs)
    torch.save(net.state_dict(), tmp_path / WEIGHTS)
    random = HeatMaps(replace(shipped, folder=tmp_path))
    chance = np.random.default_rng(0)
    cells = {
        key: Image.fromarray(render_cell(key, chance)) for key in ("neutrophil", "ig", "eosinophil")
    }
    alike = [likeness(of(maps, one, key), of(random, one, key)) for key, one in cells.items()]
    assert np.mean(alike) < 0.5


def test_where_nothing_speaks_for_a_class_the_map_is_cold(
    shipped: Bundle, cell: Image.Image, tmp_path: Path
) -> None:
    shutil.copy(shipped.folder / WEIGHTS, tmp_path)
    state = read_body(shipped).state_dict()
    state["classifier.weight"].zero_()
    torch.save(state, tmp_path / WEIGHTS)
    found = of(HeatMaps(replace(shipped, folder=tmp_path)), cell, "neutrophil")
    assert not found.heat.any()


def test_an_unknown_label_is_refused(maps: HeatMaps, cell: Image.Image) -> None:
    with pytest.raises(HeatMapError, match="'mast_cell'.*neutrophil.*no_cell"):
        of(maps, cell, "mast_cell")


def test_a_network_without_such_a_layer_says_so(shipped: Bundle) -> None:
    card = shipped.card.model_copy(update={"architecture": "vit_b_16", "heat_map": None})
    with pytest.raises(HeatMapError, match="vit_b_16.*convolutional"):
        HeatMaps(replace(shipped, card=card))


def test_the_layer_stands_on_the_card(shipped: Bundle, cell: Image.Image) -> None:
    card = shipped.card.model_copy(update={"heat_map": HeatMapCard(layer="blocks.2")})
    assert of(HeatMaps(replace(shipped, card=card)), cell, "ig").layer == "blocks.2"
    card = shipped.card.model_copy(update={"heat_map": HeatMapCard(layer="blocks.99")})
    with pytest.raises(HeatMapError, match="blocks.99"):
        HeatMaps(replace(shipped, card=card))


def test_it_is_shown_as_a_grey_image(maps: HeatMaps, cell: Image.Image) -> None:
    found = of(maps, cell, "neutrophil")
    shown = found.shown()
    with Image.open(io.BytesIO(shown.image)) as grey:
        assert (grey.format, grey.mode) == ("PNG", "L")
        assert np.abs(np.asarray(grey) / 255 - found.heat).max() < 0.003
    assert (shown.label, shown.layer) == ("neutrophil", found.layer)


def test_painting_leaves_alone_what_is_cold_and_lets_the_cell_through(cell: Image.Image) -> None:
    heat = np.zeros((4, 4), np.uint8)
    heat[2:, 2:] = 255
    out = io.BytesIO()
    Image.fromarray(heat).save(out, "PNG")
    before, after = np.asarray(cell).astype(int), np.asarray(painted(cell, out.getvalue()))
    assert np.array_equal(after[:120, :120], before[:120, :120])
    hot_before, hot_after = before[300:, 300:], after[300:, 300:]
    assert np.abs(hot_after - hot_before).mean() > 30
    assert np.corrcoef(hot_before[..., 1].ravel(), hot_after[..., 1].ravel())[0, 1] > 0.95
