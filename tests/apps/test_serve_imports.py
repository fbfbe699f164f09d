"""What serves REST holds neither training nor the dashboard: see requirements-serve.txt."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import ROOT

ABSENT = {
    "kagglehub",
    "lightning_fabric",
    "pandas",
    "plotly",
    "scipy",
    "sklearn",
    "streamlit",
    "timm",
    "torch",
    "torchvision",
}
# A process of its own, for this one has long imported them all. It predicts an image too:
# OpenVINO is imported only then.
SERVE = """
import json, sys
from pathlib import Path
import apps.api.app, apps.cli.app
from core.analysis.intake import read_image
from core.analysis.answering import Answering
from core.records.schema import migrate
from core.records.store import Store
from core.settings import settings
apps.api.app.make_app(settings())
migrate(settings().database)
predictor = Answering(Store(settings().database), settings()).predictor()
image = Path("apps/api/example.jpg")
assert predictor.predict([read_image(image.name, image.read_bytes(), predictor.at_least_px)])
print(json.dumps(sorted(sys.modules)))
"""
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)$", re.MULTILINE)


def test_serving_imports_neither_training_nor_the_dashboard(tmp_path: Path) -> None:
    own = {
        "BLOODCELLS_STATE_DIR": str(tmp_path),
        "BLOODCELLS_RUNTIME": "openvino",  # on a machine with a GPU, "auto" would be PyTorch
    }
    others = {k: v for k, v in os.environ.items() if not k.startswith("BLOODCELLS_")}
    done = subprocess.run(
        [sys.executable, "-c", SERVE],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=others | own,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    assert "openvino" in loaded
    assert not ABSENT & loaded


@pytest.mark.parametrize(
    "file", ["requirements-serve.txt", "deploy/huggingface-gradio/requirements.txt"]
)
def test_what_serves_has_the_pins_of_the_whole(file: str) -> None:
    known = _pins("constraints.txt") | _pins("requirements.txt")
    serve = _pins(file)
    assert serve
    assert serve.items() <= known.items()


def _pins(file: str) -> dict[str, str]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return {re.sub(r"[-_.]+", "-", name).lower(): pin for name, pin in PIN.findall(text)}
