"""Which heat map finds what a prediction rests on: the hottest part is blanked out.

    python -m benchmarks.heat_maps DATA_DIR [--model NAME] [--cells 152] [--share 0.2]
        [--sheets FOLDER]

DATA_DIR holds class folders; the cells are of the split that the bundle was tested on, as many of
each class. The hottest share of the square that the network sees is given the colour of empty
background; the more the probability of the predicted class falls, the more of what it rests on lay
there. Beside it: as much in the same shape turned, mirrored and moved by chance (mean of four), and
as much nearest the centre, where every cell is. ``--sheets`` keeps images of each method.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from captum.attr import LayerGradCam, LayerGradientXActivation, Occlusion
from PIL import Image
from torch import Tensor, nn

from core.dataset.catalogue import update_catalogue
from core.dataset.splits import split
from core.images import decode_cell
from core.settings import settings
from core.vision.bundle import Bundle, find_bundle
from core.vision.card.contents import Card
from core.vision.classifier import softmax
from core.vision.described import read_body

LAYERS = ("blocks.3", "blocks.4", "blocks.5", "blocks.6")
TURNED = 4
WINDOW_PX, STEP_PX = 32, 16

Drawn = Callable[[Tensor, int], Tensor]


@dataclass
class Found:
    """What blanking out did to the probability, one figure a cell."""

    hottest: list[float]
    turned: list[float]
    centre: list[float]
    ms: list[float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default=settings().bundle)
    parser.add_argument("--cells", type=int, default=152)
    parser.add_argument("--share", type=float, default=0.2)
    parser.add_argument("--sheets", type=Path)
    asked = parser.parse_args()
    bundle = find_bundle(asked.model, settings())
    card, net = bundle.card, read_body(bundle)
    squares = held_back_cells(bundle, asked.data, asked.cells)
    before = probabilities(net, squares, card)
    labels = before[:, : len(card.classes)].argmax(axis=1)
    drawn = every_method(net, card)
    found = {name: Found([], [], [], []) for name in drawn}
    heats: dict[str, list[np.ndarray]] = {name: [] for name in drawn}
    chance = np.random.default_rng(0)
    near = largest(nearness(card.side_px), asked.share)
    for square, label, was in zip(squares, labels.tolist(), before, strict=True):
        for name, draw in drawn.items():
            begin = time.perf_counter()
            heat = heat_of(draw, square, label, card)
            found[name].ms.append(1000 * (time.perf_counter() - begin))
            heats[name].append(heat)
            hot = largest(heat, asked.share)
            masks = [
                hot,
                near,
                *(turned(hot, chance) for _ in range(TURNED)),
            ]
            after = probabilities(net, np.stack([blanked(square, m, card) for m in masks]), card)
            falls = was[label] - after[:, label]
            found[name].hottest.append(falls[0])
            found[name].centre.append(falls[1])
            found[name].turned.append(falls[2:].mean())
    tell(found, float(before[np.arange(len(labels)), labels].mean()), len(squares))
    if asked.sheets:
        for name, own in heats.items():
            keep_sheet(asked.sheets / f"{name.replace(' ', '_')}.png", squares, own)


def held_back_cells(bundle: Bundle, data: Path, most: int) -> np.ndarray:
    """(N, S, S, 3) uint8 of the test split, as many of each class, made ready."""
    card = bundle.card
    catalogue = update_catalogue(data, settings().cache_dir)
    names = split(catalogue, seed=card.data.split_seed)
    images = catalogue.images[catalogue.images["path"].map(names) == "test"]
    each = -(-most // images["label"].nunique())
    chosen = images.groupby("label").sample(each, random_state=0)["path"][:most]
    prepare = card.preparation
    return np.stack(
        [
            prepare(decode_cell((data / path).read_bytes(), at_least_px=prepare.at_least_px))
            for path in chosen
        ]
    )


def every_method(net: nn.Module, card: Card) -> dict[str, Drawn]:
    """Each by name: (1, 3, S, S) and the number of an output → (h, w)."""
    found: dict[str, Drawn] = {}
    for name in LAYERS:
        layer = net.get_submodule(name)
        found[f"Grad-CAM {name}"] = grad_cam(LayerGradCam(net, layer))
        found[f"HiResCAM {name}"] = hires_cam(LayerGradientXActivation(net, layer))
    return found | {f"Occlusion {WINDOW_PX} px": occlusion(Occlusion(net), card)}


def grad_cam(method: LayerGradCam) -> Drawn:
    return lambda pixels, target: method.attribute(pixels, target)[0, 0]


def hires_cam(method: LayerGradientXActivation) -> Drawn:
    return lambda pixels, target: method.attribute(pixels, target)[0].sum(0)


def occlusion(method: Occlusion, card: Card) -> Drawn:
    empty = (background(card) / 255 - card.mean) / card.std

    def draw(pixels: Tensor, target: int) -> Tensor:
        told: Tensor = method.attribute(
            pixels,
            (3, WINDOW_PX, WINDOW_PX),
            (3, STEP_PX, STEP_PX),
            empty,
            target,
            perturbations_per_eval=50,
        )
        return told[0].sum(0)

    return draw


def heat_of(draw: Drawn, square: np.ndarray, label: int, card: Card) -> np.ndarray:
    """(S, S) float32 in [0, 1]."""
    pixels = torch.from_numpy(square).permute(2, 0, 1)[None].float().div(255)
    heat = draw((pixels - card.mean) / card.std, label).detach().clamp(min=0).numpy()
    heat = heat / max(heat.max(), 1e-9)
    large = Image.fromarray(heat).resize((card.side_px,) * 2, Image.Resampling.BICUBIC)
    return np.asarray(large).clip(0, 1)


def nearness(side_px: int) -> np.ndarray:
    """(S, S), the largest value in the centre."""
    rows, columns = np.indices((side_px, side_px)) - (side_px - 1) / 2
    return -np.hypot(rows, columns)


def largest(values: np.ndarray, share: float) -> np.ndarray:
    """(S, S) bool, True for exactly this share of the places."""
    mask = np.zeros(values.size, dtype=bool)
    mask[np.argsort(-values, axis=None, kind="stable")[: round(share * values.size)]] = True
    return mask.reshape(values.shape)


def turned(mask: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """The same shape elsewhere; what leaves on one side comes in on the other."""
    mask = np.rot90(mask if chance.random() < 0.5 else mask.T, chance.integers(4))
    return np.roll(mask, chance.integers(0, len(mask), 2), axis=(0, 1))


def blanked(square: np.ndarray, mask: np.ndarray, card: Card) -> np.ndarray:
    return np.where(mask[..., None], np.uint8(background(card)), square)


def background(card: Card) -> int:
    return card.view.background if card.view else 245


def probabilities(net: nn.Module, squares: np.ndarray, card: Card) -> np.ndarray:
    """(N, S, S, 3) uint8 → (N, outputs) of all that the network tells apart."""
    told = []
    with torch.inference_mode():
        for start in range(0, len(squares), 32):
            pixels = torch.from_numpy(squares[start : start + 32]).permute(0, 3, 1, 2).float()
            told.append(net((pixels / 255 - card.mean) / card.std).numpy())
    return softmax(np.concatenate(told).astype(np.float64) / card.temperature)


def tell(found: dict[str, Found], before: float, cells: int) -> None:
    print(f"{cells} cells, probability of the predicted class before: {before:.1%}")
    print("| method | hottest | same shape elsewhere | nearest the centre ", end="")
    print("| hottest falls more than elsewhere | ms a map |")
    print("|---|---|---|---|---|---|")
    for name, one in found.items():
        more = np.mean(np.array(one.hottest) > np.array(one.turned))
        means = [f"{np.mean(v):.1%}" for v in (one.hottest, one.turned, one.centre)]
        print(f"| {name} | {' | '.join(means)} | {more:.0%} of cells | {median(one.ms):.0f} |")


def keep_sheet(file: Path, squares: np.ndarray, heats: list[np.ndarray]) -> None:
    """Every fourth cell as the network sees it, and beside it what is left where it is hot."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pairs = [
        np.hstack([square, (square * (0.15 + 0.85 * heat[..., None])).astype(np.uint8)])
        for square, heat in list(zip(squares, heats, strict=True))[::4]
    ]
    pairs += [np.zeros_like(pairs[0])] * (-len(pairs) % 5)
    rows = [np.hstack(pairs[start : start + 5]) for start in range(0, len(pairs), 5)]
    Image.fromarray(np.vstack(rows)).save(file)


if __name__ == "__main__":
    main()
