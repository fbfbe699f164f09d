"""The notebook runs from top to bottom on a few synthetic cells, and leaves what it promises."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch
from nbclient import NotebookClient

from core import taxonomy
from core.dataset.synthetic import write_dataset
from core.prediction import Status
from core.vision import networks
from core.vision.bundle import Bundle, load_bundle

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "blood_cell_classification.ipynb"
TIMEOUT_S = 300  # of one cell
PLOTLY = "application/vnd.plotly.v1+json"

Notebook = Any  # nbformat's nodes are untyped


def read() -> Notebook:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    return notebook


def tagged(notebook: Notebook, tag: str) -> list[Notebook]:
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def code(notebook: Notebook) -> list[Notebook]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def names_assigned(source: str) -> set[str]:
    assigned = [node for node in ast.parse(source).body if isinstance(node, ast.Assign)]
    return {
        target.id for node in assigned for target in node.targets if isinstance(target, ast.Name)
    }


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the notebook writes to."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def executed(state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """The notebook after a run on a small synthetic set; the file itself is left as it is."""
    cells = tmp_path_factory.mktemp("data") / "cells"
    write_dataset(cells, per_class=14)
    values = {
        "DATA_DIR": str(cells),
        "STATE_DIR": str(state),
        "DOWNLOAD": False,
        "ARCHITECTURE": "efficientnet_lite0",
        "SIDE_PX": 64,
        "IMAGES": None,
        "EPOCHS": 2,
        "BATCH_SIZE": 16,
    }
    notebook = read()
    (parameters,) = tagged(notebook, "parameters")
    assert set(values) <= names_assigned(parameters.source)
    parameters.source += "".join(f"\n{name} = {value!r}" for name, value in values.items())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT_S,
            kernel_name="python3",
            allow_errors=True,
            resources={"metadata": {"path": str(NOTEBOOK.parent)}},
        )
        client.execute()
    yield notebook


@pytest.fixture
def bundle(executed: Notebook, state: Path) -> Bundle:
    """The one bundle that the notebook made."""
    (folder,) = (state / "models").iterdir()
    return load_bundle(folder)


def test_every_cell_runs_without_error(executed: Notebook) -> None:
    cells = code(executed)
    outputs = [output for cell in cells for output in cell.outputs]
    errors = [o["evalue"] for o in outputs if o["output_type"] == "error"]

    assert errors == []
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert [o["text"] for o in outputs if o.get("name") == "stderr"] == []


def test_trains_all_epochs_from_the_weights_at_hand(executed: Notebook, bundle: Bundle) -> None:
    assert bundle.card.pretrained == "ImageNet"
    assert bundle.card.config["epochs"] == 2
    assert bundle.card.metrics["test"]["n"] == 24
    curves = [o["data"][PLOTLY] for o in figures(executed) if "Loss" in str(o["data"][PLOTLY])]
    (curve,) = curves  # drawn over and over in one place
    assert "Started from: ImageNet" in curve["layout"]["title"]["text"]


def test_saved_weights_load_without_executing_code(bundle: Bundle) -> None:
    state = torch.load(bundle.folder / "weights.pth", weights_only=True)

    card = bundle.card
    net, _ = networks.build(card.architecture, len(card.classes), side_px=card.side_px)
    loaded = net.load_state_dict(state, strict=False)
    assert (loaded.missing_keys, loaded.unexpected_keys) == ([], [])


def test_bundle_trained_on_synthetic_cells_says_so(bundle: Bundle) -> None:
    assert bundle.card.synthetic
    assert taxonomy.RESEARCH_USE in bundle.card.intended_use


def test_predictions_are_probabilities_with_a_status(executed: Notebook) -> None:
    cells = tagged(executed, "prediction")

    assert len(cells) == 2  # the bundle made here, the one that ships
    for cell in cells:
        (chart,) = [o["data"][PLOTLY] for o in cell.outputs if PLOTLY in o.get("data", {})]
        (bars,) = chart["data"]
        assert len(bars["x"]) == len(taxonomy.KEYS)
        assert sum(bars["x"]) == pytest.approx(1.0, abs=1e-6)
        said = "".join(o["text"] for o in cell.outputs if o["output_type"] == "stream")
        assert any(f"status: {status}" in said for status in Status)


def test_research_use_is_said_before_anything_else() -> None:
    assert taxonomy.RESEARCH_USE in read().cells[0].source


def test_is_kept_without_outputs() -> None:
    for cell in code(read()):
        assert cell.outputs == []
        assert cell.execution_count is None


def test_imports_core_and_no_front_door() -> None:
    imported = set()
    for cell in code(read()):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).partition(".")[0])

    assert "core" in imported
    assert not imported & {"pages", "apps", "streamlit", "matplotlib"}


def figures(notebook: Notebook) -> list[Notebook]:
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    return [output for output in outputs if PLOTLY in output.get("data", {})]
