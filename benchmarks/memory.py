"""What it brings that jobs keep the memory of large arrays: a training step with and without it.

python -m benchmarks.memory [--turns 3]

Each turn is a process of its own, for the C library reads its settings when a process starts.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

from core.jobs.process import KEPT_MEMORY

BATCH, SIDE_PX, STEPS = 64, 128, 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(seconds())
        return
    plain = {key: value for key, value in os.environ.items() if key != "GLIBC_TUNABLES"}
    kept, given_back = [], []
    for _ in range(asked.turns):
        given_back.append(in_a_process(plain))
        kept.append(in_a_process({**plain, "GLIBC_TUNABLES": KEPT_MEMORY}))
    print("| memory of large arrays | s a step of efficientnet_lite0 |\n|---|---|")
    print(f"| given back at once | {statistics.median(given_back):.2f} |")
    print(f"| kept | {statistics.median(kept):.2f} |")
    print(f"ratio {statistics.median(given_back) / statistics.median(kept):.2f}")


def in_a_process(environment: dict[str, str]) -> float:
    command = [sys.executable, "-m", "benchmarks.memory", "--child"]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def seconds() -> float:
    """A step's, the fastest of a few."""
    import torch

    from core.vision import networks

    net, _ = networks.build("efficientnet_lite0", 8, side_px=SIDE_PX, pretrained=False)
    net = net.to(memory_format=torch.channels_last).train()
    networks.ease_depthwise(net)
    images = torch.rand(BATCH, 3, SIDE_PX, SIDE_PX).contiguous(memory_format=torch.channels_last)
    taken = []
    for _ in range(STEPS):
        begin = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16):
            loss = net(images).float().logsumexp(dim=1).mean()
        loss.backward()
        taken.append(time.perf_counter() - begin)
    return min(taken)


if __name__ == "__main__":
    main()
