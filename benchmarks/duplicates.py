"""Finding near-duplicates in a large data set, and once more for one image that is added.

    python -m benchmarks.duplicates [--images 100000]

What is compared are measures, not files, so measures of made-up images are enough: a cell on a
ground, other cells around it. One image in a thousand is a second shot of the one before, shifted
by up to four pixels of its print. "plain" takes the correlation of all pairs, without the cheap
tests before it.
"""

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from core.dataset import duplicates, groups
from core.dataset.measure import PRINT_SIDE_PX

MARGIN_PX = 4
SIDE_PX = PRINT_SIDE_PX + 2 * MARGIN_PX
AT_ONCE = 2000
TEXTURE = 10.0  # levels; with it about as many pairs are looked at closely as of PBC cells
SECOND_SHOTS = 1000  # one in so many
PLAINLY = 200  # images that the plain way compares


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=100_000)
    count = parser.parse_args().images
    table = measures(count + 1)
    before, one_more = table.iloc[:count].copy(), table.copy()
    print(f"{count} images; {held_mb()} MB held before", flush=True)
    first = timed(lambda: groups.add_groups(before, None, told))
    paired = int((before["pairs"] != "[]").sum())
    print(
        f"\n{paired} are of a pair, {2 * (count // SECOND_SHOTS)} were made so; {held_mb()} MB held"
    )
    again = timed(lambda: groups.add_groups(one_more, before, told))
    some = np.stack([np.frombuffer(one, np.uint8) for one in before["print"][:PLAINLY]])
    some = some.reshape(-1, PRINT_SIDE_PX, PRINT_SIDE_PX)
    i, j = np.triu_indices(PLAINLY, 1)
    share = count * (count - 1) / 2 / len(i)
    wall, cpu = timed(lambda: duplicates.correlation(some[i], some[j]))
    print("\n| | minutes | minutes of processors |\n|---|---|---|")
    for name, times in (
        ("all", first),
        ("one image more", again),
        ("plain, reckoned from a part", (wall * share, cpu * share)),
    ):
        print(f"| {name} | {times[0] / 60:.2f} | {times[1] / 60:.2f} |")


def measures(count: int) -> pd.DataFrame:
    """What a catalogue knows of made-up images, as far as they are compared by it."""
    random = np.random.default_rng(0)
    starts = range(0, count, AT_ONCE)
    parts = [part(random, min(AT_ONCE, count - start)) for start in starts]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(sha256=[f"{number:064x}" for number in random.permutation(count)])


def part(random: np.random.Generator, count: int) -> pd.DataFrame:
    larger, colour = drawn(random, count), random.normal(180, 12, (count, 3))
    for second in range(SECOND_SHOTS - 1, count, SECOND_SHOTS):
        larger[second], colour[second] = larger[second - 1], colour[second - 1]
    places = random.integers(MARGIN_PX // 2, 3 * MARGIN_PX // 2 + 1, (count, 2))
    prints = np.stack(
        [
            one[y : y + PRINT_SIDE_PX, x : x + PRINT_SIDE_PX]
            for one, (y, x) in zip(larger, places, strict=True)
        ]
    )
    means = {f"mean_{c}": colour[:, place] for place, c in enumerate("rgb")}
    known = {"near_hash": hashes(prints), "print": [one.tobytes() for one in prints], **means}
    return pd.DataFrame({"problem": None, **known})


def drawn(random: np.random.Generator, count: int) -> np.ndarray:
    """(N, 40, 40) uint8: a nucleus of lobes in a pale cell, red cells around it."""
    axis = np.arange(SIDE_PX, dtype=np.float32)
    grey = np.full((count, SIDE_PX, SIDE_PX), 225, np.float32)

    def add(middle: np.ndarray, size: np.ndarray, depth: np.ndarray) -> None:
        down, across = (((axis - middle[:, [d]]) / size[:, None]) ** 2 for d in (0, 1))
        grey[:] -= depth[:, None, None] * np.exp(-((down[:, :, None] + across[:, None, :]) ** 2))

    for _ in range(6):
        angle, away = random.uniform(0, 2 * np.pi, count), random.uniform(13, 24, count)
        around = SIDE_PX / 2 + away[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
        add(around, random.uniform(3, 6, count), random.uniform(30, 70, count))
    cell = SIDE_PX / 2 + random.normal(0, 1, (count, 2))
    add(cell, random.uniform(7, 12, count), random.uniform(20, 40, count))
    for _ in range(4):
        lobe = cell + random.normal(0, 4, (count, 2))
        add(lobe, random.uniform(2, 6, count), random.uniform(10, 60, count))
    coarse = random.normal(0, TEXTURE, (count, SIDE_PX // 4, SIDE_PX // 4))
    grey += coarse.repeat(4, axis=1).repeat(4, axis=2)
    return grey.clip(0, 255).astype(np.uint8)


def hashes(prints: np.ndarray) -> np.ndarray:
    """(N,) int64: difference hashes, as ``measure`` has them of the images themselves."""
    rows = np.add.reduceat(prints.astype(np.float32), np.arange(0, PRINT_SIDE_PX, 4), axis=1)
    edges = np.linspace(0, PRINT_SIDE_PX, 10)[:-1].astype(int)
    widths = np.diff([*edges, PRINT_SIDE_PX])
    small = np.add.reduceat(rows, edges, axis=2) / widths
    bits = (small[:, :, 1:] > small[:, :, :-1]).reshape(len(prints), 64)
    return np.packbits(bits, axis=1).view(np.int64)[:, 0]


def told(done: int, total: int) -> None:
    print(f"\r{done} of {total}", end="", flush=True)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall-clock and processor seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def held_mb() -> int:
    """The most memory that the process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
