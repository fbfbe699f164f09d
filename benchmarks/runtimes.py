"""One bundle's network in every runtime: milliseconds a cell, cells a second, accuracy beside each.

    python -m benchmarks.runtimes DATA_DIR [--model NAME] [--cells 1024]

Also needs onnx, onnxruntime and nncf, which the application does not:
pip install onnx==1.23.2 onnxscript==0.7.2 onnxruntime==1.32.0 nncf==3.4.0

DATA_DIR holds class folders; accuracy is on the split that the bundle was tested on. The runtimes
take turns, so that a busy machine slows them alike; figures are medians, ratios are against PyTorch
eager.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import openvino as ov
import torch

from core.dataset.catalogue import update_catalogue
from core.dataset.splits import split
from core.images import decode_cell
from core.settings import settings
from core.training.packaging.reference import read_reference
from core.vision.bundle import Bundle, find_bundle
from core.vision.card.contents import Card
from core.vision.classifier import class_probabilities
from core.vision.described import read_body
from core.vision.preparation import middle
from core.vision.runtimes import OpenVinoRuntime

BATCHES = (1, 32, 256)
TURNS = 5
CALIBRATION = 256
EAGER = "PyTorch eager fp32"

Runtime = Callable[[np.ndarray], np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default=settings().bundle)
    parser.add_argument("--cells", type=int, default=1024)
    asked = parser.parse_args()
    bundle = find_bundle(asked.model, settings())
    squares, targets = held_back_cells(bundle, asked.data, asked.cells)
    runtimes = every_runtime(bundle)
    predictions = {name: predicted(run, squares, bundle.card) for name, run in runtimes.items()}
    first = predictions[EAGER]
    times = {name: {batch: list[float]() for batch in BATCHES} for name in runtimes}
    for _ in range(TURNS):
        for name, run in runtimes.items():
            for batch in BATCHES:
                times[name][batch].append(seconds_a_cell(run, squares, batch))
    columns = ("runtime", "accuracy", "same class", "furthest probability")
    columns += tuple(f"batch {batch}, ms a cell" for batch in BATCHES)
    print(f"| {' | '.join((*columns, 'cells a second', 'times eager'))} |")
    print("|" + "---|" * (len(columns) + 2))
    eager = median(times[EAGER][32])
    for name, prediction in predictions.items():
        right = (prediction.argmax(axis=1) == targets).mean()
        same = (prediction.argmax(axis=1) == first.argmax(axis=1)).mean()
        furthest = np.abs(prediction - first).max()
        found = {batch: median(times[name][batch]) for batch in BATCHES}
        shown = " | ".join(f"{1000 * value:.2f}" for value in found.values())
        rate = 1 / min(found.values())
        times_eager = eager / found[32]
        print(f"| {name} | {right:.2%} | {same:.2%} | {furthest:.3f} ", end="")
        print(f"| {shown} | {rate:.0f} | {times_eager:.1f} |")


def held_back_cells(bundle: Bundle, data: Path, most: int) -> tuple[np.ndarray, np.ndarray]:
    """(N, S, S, 3) uint8 of the test split, made ready, and the index of each one's class."""
    card = bundle.card
    catalogue = update_catalogue(data, settings().cache_dir)
    names = split(catalogue, seed=card.data.split_seed)
    images = catalogue.images[catalogue.images["path"].map(names) == "test"]
    images = images.sample(min(most, len(images)), random_state=0)
    prepare = card.preparation
    squares = [
        prepare(decode_cell((data / path).read_bytes(), at_least_px=prepare.at_least_px))
        for path in images["path"]
    ]
    return np.stack(squares), np.array([card.classes.index(label) for label in images["label"]])


def every_runtime(bundle: Bundle) -> dict[str, Runtime]:
    """Each by name; opened and warmed."""
    card = bundle.card
    net = read_body(bundle).eval().to(memory_format=torch.channels_last)
    xml = bundle.folder / "network.xml"
    shipped = OpenVinoRuntime(bundle)
    found = {
        EAGER: in_torch(net),
        "PyTorch eager bf16": in_torch(net, half=True),
        "torch.compile fp32": in_torch(torch.compile(net)),
        "ONNX Runtime fp32": in_onnx(net, card.side_px),
        "OpenVINO fp32": in_openvino(ov.Core().read_model(xml), "f32"),
        "OpenVINO bf16": in_openvino(ov.Core().read_model(xml), "bf16"),
        "OpenVINO bf16, close ones again in fp32": lambda squares: shipped.run(squares).logits,
        "OpenVINO int8": in_openvino(quantised(bundle), "f32"),
    }
    example = np.zeros((32, card.side_px, card.side_px, 3), np.uint8)
    for run in found.values():
        for batch in (1, 32):
            run(example[:batch])
    return found


def in_torch(net: Callable[[torch.Tensor], torch.Tensor], half: bool = False) -> Runtime:
    def run(squares: np.ndarray) -> np.ndarray:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=half):
            pixels = torch.from_numpy(squares).permute(0, 3, 1, 2).float().div(127.5).sub(1)
            return np.asarray(net(pixels).float().numpy())

    return run


def in_onnx(net: torch.nn.Module, side_px: int) -> Runtime:
    import onnxruntime

    example = torch.zeros(2, 3, side_px, side_px)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        axes = ({0: torch.export.Dim("batch")},)
        torch.onnx.export(net, (example,), file, dynamo=True, dynamic_shapes=axes)
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(squares: np.ndarray) -> np.ndarray:
        pixels = squares.transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1
        return np.asarray(session.run(None, {name: pixels})[0])

    return run


def in_openvino(network: ov.Model, precision: str) -> Runtime:
    compiled = ov.Core().compile_model(network, "CPU", {"INFERENCE_PRECISION_HINT": precision})
    request = compiled.create_infer_request()
    return lambda squares: np.asarray(request.infer({0: squares})[0], dtype=np.float32)


def quantised(bundle: Bundle) -> ov.Model:
    """The network with 8-bit weights and activations, calibrated on trained cells."""
    import nncf

    card = bundle.card
    reference = read_reference(bundle.folder, (*card.classes, *card.outside))
    trained = middle(reference.images, card.side_px)[~reference.validation]
    chosen = np.random.default_rng(0).permutation(len(trained))[:CALIBRATION]
    cells = nncf.Dataset([trained[row][None] for row in chosen])
    network: ov.Model = nncf.quantize(ov.Core().read_model(bundle.folder / "network.xml"), cells)
    return network


def predicted(run: Runtime, squares: np.ndarray, card: Card) -> np.ndarray:
    """(N, K) the probability of each class, as the application gives it."""
    logits = np.concatenate([run(squares[i : i + 32]) for i in range(0, len(squares), 32)])
    return class_probabilities(card, logits)


def seconds_a_cell(run: Runtime, squares: np.ndarray, batch: int) -> float:
    cells = squares[: max(batch, min(len(squares), 64 * batch, 512))]
    count = len(cells) // batch * batch
    begin = time.perf_counter()
    for start in range(0, count, batch):
        run(cells[start : start + batch])
    return (time.perf_counter() - begin) / count


if __name__ == "__main__":
    main()
