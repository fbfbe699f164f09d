"""What a classifier needs is there before the first image comes."""

from pathlib import Path

import pytest

from core.errors import BundleRefusedError
from core.vision import runtimes
from core.vision.bundle import load_bundle, write_card
from core.vision.classifier import Classifier
from core.vision.views import CellView
from tests.factories import make_bundle


def test_a_bundle_whose_locator_is_missing_is_refused_at_once(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path)
    write_card(bundle.folder, bundle.card.model_copy(update={"view": CellView("nowhere")}))
    with pytest.raises(BundleRefusedError, match="nowhere"):
        Classifier(load_bundle(bundle.folder), "openvino")


def test_a_gpu_that_pytorch_cannot_use_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "exists", lambda _: True)  # the device is there
    for usable in (False, True):
        monkeypatch.setattr("torch.cuda.is_available", lambda usable=usable: usable)
        assert runtimes._has_gpu() is usable
