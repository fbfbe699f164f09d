"""Time to a prediction, and images a second against eager PyTorch, side by side in one process.

    python -m benchmarks.prediction FOLDER [--bundle NAME] [--images 2000] [--resnet18]

Ours is the whole way of ``core.analysis``: reading files, decoding, field recognition, network.
The reference reads the same files with Pillow and torchvision transforms and runs the bundle's own
network (or an untrained ResNet18 at 224 px, the usual recipe) in PyTorch, eager, fp32.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image
from torchvision import transforms

from core.analysis.files import read_paths
from core.analysis.intake import Refused, read_image
from core.analysis.predictor import Predictor
from core.image_files import image_files
from core.parallel import chunks
from core.settings import settings
from core.vision import networks
from core.vision.bundle import find_bundle
from core.vision.classifier import Classifier
from core.vision.described import read_body

BATCH = 32


def one_cell_ms(predictor: Predictor, data: bytes, repeats: int = 100) -> list[float]:
    """Milliseconds from a file's bytes to the prediction, once warm."""
    times = []
    for _ in range(repeats + 5):
        started = time.perf_counter()
        predictor.predict([read_image("cell.jpg", data, predictor.at_least_px)])
        times.append((time.perf_counter() - started) * 1000)
    return times[5:]


def ours(predictor: Predictor, paths: list[Path]) -> Callable[[], int]:
    def run() -> int:
        predictions = predictor.stream(read_paths(paths, predictor.at_least_px))
        return sum(not isinstance(prediction, Refused) for prediction in predictions)

    return run


def reference(net: torch.nn.Module, side_px: int, paths: list[Path]) -> Callable[[], int]:
    look = transforms.Compose(
        [
            transforms.Resize(side_px),
            transforms.CenterCrop(side_px),
            transforms.ToTensor(),
            transforms.Normalize([0.5] * 3, [0.5] * 3),
        ]
    )

    def run() -> int:
        predicted = 0
        with torch.inference_mode():
            for chunk in chunks(paths, BATCH):
                images = [look(Image.open(path).convert("RGB")) for path in chunk]
                predicted += len(net(torch.stack(images)).softmax(1))
        return predicted

    return run


def rate(run: Callable[[], int]) -> float:
    """Images a second."""
    started = time.perf_counter()
    return run() / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bundle", default=settings().bundle)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--resnet18", action="store_true")
    given = parser.parse_args()
    found = image_files(given.folder)
    paths = found[:: max(1, len(found) // given.images)][: given.images]

    bundle = find_bundle(given.bundle, settings())
    predictor = Predictor(Classifier(bundle, settings().runtime))
    if given.resnet18:
        side_px = 224
        net = networks.build("resnet18", 8, side_px=side_px, pretrained=False)[0].eval()
    else:
        side_px, net = bundle.card.side_px, read_body(bundle).eval()

    times = one_cell_ms(predictor, paths[0].read_bytes())
    print(f"{bundle.name}, {predictor.classifier.runtime_name}, {torch.get_num_threads()} threads")
    print(f"one cell: median {statistics.median(times):.1f} ms, longest {max(times):.1f} ms")
    theirs, own = reference(net, side_px, paths), ours(predictor, paths)
    pairs = [(rate(theirs), rate(own)) for _ in range(3)]  # in turn: others may use the machine
    what = "ResNet18 at 224 px" if given.resnet18 else "the same network"
    for slow, fast in pairs:
        print(f"{len(paths)} cells: {what}, eager fp32 {slow:.0f}/s; ours {fast:.0f}/s; ", end="")
        print(f"{fast / slow:.1f} times")


if __name__ == "__main__":
    main()
