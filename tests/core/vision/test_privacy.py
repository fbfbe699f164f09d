"""Opening a network calls nobody."""

import subprocess
import sys

from core.settings import ROOT

PROGRAM = """
import sys
import core.vision.export, core.vision.runtimes
import openvino.tools.ovc.telemetry_utils
print(sorted(name for name, module in sys.modules.items()
             if name.startswith("openvino_telemetry") and module is not None))
"""


def test_openvino_runs_without_its_telemetry() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.stdout.strip() == "[]", done.stderr
