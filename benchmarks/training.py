"""Training against the reference recipe, side by side on the same cells.

    python -m benchmarks.training --data DIR                 images a second
    python -m benchmarks.training --data DIR --to 0.925      seconds to that accuracy

The reference recipe is what the course projects of this field do: ImageFolder, Pillow
transforms, DataLoader, ResNet18 at 224 px in fp32 with Adam. Both sides start from the same
weights and see the same split. For images a second they take turns, so that a busy machine slows
both; seconds to an accuracy are counted on the processors too, which others cannot take away.
"""

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.models import resnet18

from core.dataset.catalogue import Catalogue
from core.dataset.splits import split
from core.settings import settings
from core.training.config import TrainConfig
from core.training.loop.data import training_data
from core.training.loop.events import BatchDone, EpochDone
from core.training.loop.fit import TrainingData, fit

BATCH = 32


class Files(Dataset[tuple[torch.Tensor, int]]):
    """What torchvision's ImageFolder gives, over one split."""

    def __init__(self, root: Path, rows: list[tuple[str, int]], train: bool) -> None:
        changes = [transforms.RandomHorizontalFlip(), transforms.RandomVerticalFlip()]
        changes += [transforms.RandomRotation(20), transforms.ColorJitter(brightness=0.2)]
        self.root, self.rows = root, rows
        self.transform = transforms.Compose(
            [
                transforms.Resize((224, 224)),
                *(changes if train else []),
                transforms.ToTensor(),
                transforms.Normalize([0.5] * 3, [0.5] * 3),
            ]
        )

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, int]:
        path, target = self.rows[row]
        with Image.open(self.root / path) as image:
            return self.transform(image.convert("RGB")), target


class Reference:
    """The reference recipe as a plain PyTorch loop."""

    def __init__(self, catalogue: Catalogue, data: TrainingData, workers: int) -> None:
        splits = split(catalogue)
        table = catalogue.images
        rows = list(zip(table["path"], map(data.classes.index, table["label"]), strict=True))
        parts = {
            name: Files(catalogue.root, [r for r in rows if splits[r[0]] == name], name == "train")
            for name in ("train", "validation")
        }
        self.train = DataLoader(parts["train"], BATCH, shuffle=True, num_workers=workers)
        self.validation = DataLoader(parts["validation"], BATCH, num_workers=workers)
        torch.manual_seed(0)
        self.net = resnet18(num_classes=len(data.classes))
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-3)

    def batches(self) -> Iterator[int]:
        """One epoch; yields the images of each batch."""
        self.net.train()
        for images, targets in self.train:
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self.net(images), targets).backward()
            self.optimizer.step()
            yield len(targets)

    @torch.inference_mode()
    def accuracy(self) -> float:
        """On validation, in [0, 1]."""
        self.net.eval()
        hits = [self.net(images).argmax(1) == targets for images, targets in self.validation]
        return float(torch.cat(hits).float().mean())


def rates(reference: Reference, config: TrainConfig, data: TrainingData, turns: int) -> None:
    """Prints images a second of both, in turns of ten batches."""
    with TemporaryDirectory() as folder:
        ours = (e for e in fit(config, data, Path(folder) / "c") if isinstance(e, BatchDone))
        theirs = reference.batches()
        pairs = []
        for turn in range(turns + 1):
            begin = time.perf_counter()
            seen = sum(next(theirs) for _ in range(10))
            middle = time.perf_counter()
            for _ in range(10):
                next(ours)
            end = time.perf_counter()
            if turn:  # the first one warms up
                pairs.append((seen / (middle - begin), 10 * config.batch_size / (end - middle)))
    reference_rate, rate = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    name = f"{config.architecture} {config.side_px} px"
    print(f"{name:28} {rate:7.1f} images/s   reference {reference_rate:6.1f}   ratio {ratio:5.2f}")


def spent_s() -> tuple[float, float]:
    """Seconds so far: on the clock, and of all processors, ended workers included."""
    return time.perf_counter(), sum(os.times()[:4])


def report_to(target: float, name: str, accuracies: Iterator[float]) -> float:
    """Runs epochs until one reaches ``target``; prints and returns the processor seconds."""
    begin = spent_s()
    for epoch, accuracy in enumerate(accuracies, 1):
        clock, processor = (now - then for now, then in zip(spent_s(), begin, strict=True))
        cost = f"{clock:.0f} s on the clock, {processor:.0f} s of processors"
        print(f"{name}: epoch {epoch}, {accuracy:.1%} on validation after {cost}", flush=True)
        if accuracy >= target:
            return processor
    return float("nan")


def our_epochs(config: TrainConfig, data: TrainingData) -> Iterator[float]:
    """The validation accuracy of each epoch."""
    with TemporaryDirectory() as folder:
        for event in fit(config, data, Path(folder) / "c"):
            if isinstance(event, EpochDone):
                yield event.validation_accuracy


def reference_epochs(reference: Reference, epochs: int) -> Iterator[float]:
    """The same for the reference recipe."""
    for _ in range(epochs):
        for _ in reference.batches():
            pass
        yield reference.accuracy()


def main() -> None:
    """Prints a line a comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--to", type=float, help="validation accuracy to reach, e.g. 0.925")
    parser.add_argument("--epochs", type=int, default=15, help="give up after so many")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    same = TrainConfig(
        data_dir=str(args.data), pretrained=False, batch_size=BATCH, epochs=args.epochs
    )
    small = replace(same, side_px=128, learning_rate=2e-3)
    shipped = replace(small, architecture="efficientnet_lite0", pretrained=True)
    if args.to is None:
        for config in (same, small, shipped):
            catalogue, data = training_data(config, settings().cache_dir)
            rates(Reference(catalogue, data, args.workers), config, data, args.turns)
        return
    catalogue, data = training_data(same, settings().cache_dir)
    spent = {}
    for config in (small, shipped):
        _, data = training_data(config, settings().cache_dir)
        spent[config.architecture] = report_to(
            args.to, config.architecture, our_epochs(config, data)
        )
    reference = Reference(catalogue, data, args.workers)
    theirs = report_to(args.to, "reference", reference_epochs(reference, args.epochs))
    for name, mine in spent.items():
        print(f"{name} reaches {args.to:.1%} in {theirs / mine:.1f} times less processor time")


if __name__ == "__main__":
    main()
