"""Every network becomes a graph that answers as it does."""

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
import torch

from core.vision import networks
from core.vision.export import export_network


@pytest.mark.slow
@pytest.mark.parametrize("name", networks.NETWORKS)
def test_the_graph_answers_as_the_network(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    net, _ = networks.build(name, 8, side_px=64)
    pixels = np.random.default_rng(0).integers(0, 255, (3, 64, 64, 3), dtype=np.uint8)

    export_network(net, tmp_path, side_px=64, mean=0.5, std=0.25)

    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    graph = ov.Core().compile_model(tmp_path / "network.xml", "CPU", exact)
    with torch.inference_mode():
        images = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255
        expected = net((images - 0.5) / 0.25).numpy()
    np.testing.assert_allclose(graph(pixels)[0], expected, atol=0.01 * np.ptp(expected) + 1e-4)
