"""Cataloguing a data set against the plain way: one process, one full-size decode a file.

    python -m benchmarks.catalogue [--data DIR] [--images N]

Both note class, size, mode, content hash, channel means and deviations. The catalogue also
finds second shots and overlapping views, and keeps what it found, so that a second look reads
nothing. Rounds alternate between the two so that a busy machine burdens both alike.
"""

import argparse
import hashlib
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.dataset.catalogue import update_catalogue
from core.dataset.sources import locate
from core.image_files import image_files
from core.settings import settings

Timed = tuple[float, float]


def main() -> None:
    options = parse()
    with tempfile.TemporaryDirectory() as scratch:
        root = sample(options.data or locate(settings()).root, options.images, Path(scratch))
        files = image_files(root)
        for file in files:
            file.read_bytes()  # both find the files in the page cache
        plain, first, again = [], [], []
        for round_ in range(options.rounds):
            kept = Path(scratch) / f"kept{round_}"
            plain.append(timed(lambda: [plain_row(file) for file in files]))
            first.append(timed(lambda kept=kept: update_catalogue(root, kept)))
            again.append(timed(lambda kept=kept: update_catalogue(root, kept)))
        report(len(files), {"plain": plain, "catalogue": first, "catalogue again": again})


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of class folders; default: that in use")
    parser.add_argument("--images", type=int, default=0, help="only so many; default: all")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def sample(root: Path, count: int, scratch: Path) -> Path:
    """The folder itself, or a copy of every so manieth image of it."""
    files = image_files(root)
    if not count or count >= len(files):
        return root
    for file in files[:: len(files) // count][:count]:
        target = scratch / "images" / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return scratch / "images"


def plain_row(file: Path) -> dict[str, Any]:
    """What a straightforward script would write down of one file."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    with Image.open(file) as image:
        pixels = np.asarray(image.convert("RGB"))
        row = {"width": image.width, "height": image.height, "mode": image.mode}
    colour = {"mean": pixels.mean(axis=(0, 1)), "std": pixels.std(axis=(0, 1))}
    return row | colour | {"sha256": digest, "label": file.parent.name}


def timed(work: Callable[[], object]) -> Timed:
    """Wall-clock and processor seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def report(images: int, rounds: dict[str, list[Timed]]) -> None:
    base = statistics.median(wall for wall, _ in rounds["plain"])
    print(f"{images} images, median of {len(rounds['plain'])} rounds")
    print(f"{'':18}{'wall s':>9}{'cpu s':>9}{'images/s':>10}{'times plain':>13}")
    for name, times in rounds.items():
        wall = statistics.median(wall for wall, _ in times)
        cpu = statistics.median(cpu for _, cpu in times)
        print(f"{name:18}{wall:9.2f}{cpu:9.2f}{images / wall:10.0f}{base / wall:13.1f}")


if __name__ == "__main__":
    main()
