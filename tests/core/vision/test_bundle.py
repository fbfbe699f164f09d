"""A bundle is used whole and unchanged, or refused with the reason."""

from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from PIL import Image

from core.errors import BundleMissingError, BundleRefusedError
from core.settings import Settings
from core.vision.bundle import bundle_folders, checksum, find_bundle, load_bundle, write_card
from core.vision.classifier import Classifier
from tests.conftest import Logged
from tests.factories import make_bundle


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("models")).folder


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    target = tmp_path / "models" / folder.name
    target.mkdir(parents=True)
    for file in folder.iterdir():
        (target / file.name).write_bytes(file.read_bytes())
    return target


def test_a_bundle_goes_by_the_hash_of_its_card(copy: Path) -> None:
    first = load_bundle(copy)
    assert first.hash == checksum(copy / "card.json")
    write_card(copy, first.card.model_copy(update={"review_below": 0.5}))
    assert load_bundle(copy).hash != first.hash


@pytest.mark.parametrize("name", ["weights.pth", "network.bin", "network.xml"])
def test_flipped_byte_is_refused(copy: Path, name: str) -> None:
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)

    with pytest.raises(BundleRefusedError, match=f"{name} is not the file"):
        load_bundle(copy)


def test_a_refusal_stands_in_the_log(copy: Path, logged: Logged) -> None:
    (copy / "network.bin").unlink()
    with pytest.raises(BundleRefusedError) as caught:
        load_bundle(copy)
    (line,) = logged()
    told = (line["event"], line["bundle"], line["reason"])
    assert told == ("bundle_refused", "tiny", str(caught.value))


def test_missing_file_is_refused(copy: Path) -> None:
    (copy / "network.bin").unlink()

    with pytest.raises(BundleRefusedError, match="network.bin is missing"):
        load_bundle(copy)


def test_torn_card_is_refused(copy: Path) -> None:
    text = (copy / "card.json").read_text()
    (copy / "card.json").write_text(text[: len(text) // 2])

    with pytest.raises(BundleRefusedError, match=r"card\.json"):
        load_bundle(copy)


def test_card_with_unknown_class_is_refused(copy: Path) -> None:
    text = (copy / "card.json").read_text()
    (copy / "card.json").write_text(text.replace('"platelet"', '"martian"'))

    with pytest.raises(BundleRefusedError, match="martian"):
        load_bundle(copy)


def test_bundles_and_runs_are_found_by_name_newest_run_first(copy: Path, tmp_path: Path) -> None:
    settings = Settings(models_dir=tmp_path / "models", state_dir=tmp_path / "state")
    for run in ("20260101-resnet18", "20260102-resnet18", ".deleted-20260103"):
        copytree(copy, settings.runs_dir / run / "bundle")

    found = bundle_folders(settings)

    assert list(found) == ["tiny", "20260102-resnet18", "20260101-resnet18"]
    assert find_bundle("20260101-resnet18", settings).folder == found["20260101-resnet18"]


def test_unknown_name_lists_those_there_are(copy: Path, tmp_path: Path) -> None:
    settings = Settings(models_dir=tmp_path / "models", state_dir=tmp_path / "state")

    with pytest.raises(BundleMissingError, match="There are: tiny"):
        find_bundle("huge", settings)


def test_both_runtimes_agree(folder: Path) -> None:
    rng = np.random.default_rng(0)
    squares = rng.integers(0, 255, (40, 9, 9, 3), dtype=np.uint8)
    images = [Image.fromarray(s).resize((90, 72 + 9 * (i % 5)), 0) for i, s in enumerate(squares)]
    bundle = load_bundle(folder)

    fast = Classifier(bundle, "openvino").probabilities(images)
    reference = Classifier(bundle, "torch").probabilities(images)

    assert fast.shape == (40, 8)
    np.testing.assert_allclose(fast.sum(axis=1), 1.0)
    np.testing.assert_allclose(fast, reference, atol=0.02)
    assert np.ptp(reference, axis=0).max() > 0.1  # not one output for everything
