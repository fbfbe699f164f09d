"""Threads that execute networks for the first time in their process do not wait for ever."""

import subprocess
import sys

from core.settings import ROOT

FIRST_CALLS = """
import os, sys, threading
import numpy as np
from core.vision.graph import Graph

graph = Graph({network!r}, {{"INFERENCE_NUM_THREADS": 1}})
sys.setswitchinterval(1e-6)
squares = np.zeros((1, 96, 96, 3), dtype=np.uint8)
together = threading.Barrier(8)

def first_call():
    together.wait()
    graph.run(squares)

threads = [threading.Thread(target=first_call, daemon=True) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(10)
os._exit(sum(thread.is_alive() for thread in threads))
"""


def test_the_first_calls_of_several_threads_all_end() -> None:
    network = str(ROOT / "models/locators/cells-1/network.xml")
    done = subprocess.run(
        [sys.executable, "-c", FIRST_CALLS.format(network=network)], cwd=ROOT, timeout=300
    )
    assert done.returncode == 0
