"""The loop learns, saves each epoch, and a resumed run equals an unbroken one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.training.config import TrainConfig
from core.training.loop.data import Images, TrainingData
from core.training.loop.events import BatchDone, EpochDone, Event, Finished, Started
from core.training.loop.fit import _Run, _Sums, fit
from core.vision.augmentation import Augmentation

CONFIG = TrainConfig(
    data_dir="unused",
    architecture="mobilenet_v3_small",
    pretrained=False,
    side_px=32,
    epochs=3,
    batch_size=16,
    learning_rate=3e-3,
    precision="32-true",
    weight_average=0.5,
    augmentation=Augmentation(rotation_degrees=10),
    early_stopping_patience=0,
)


@pytest.fixture(scope="module")
def data() -> TrainingData:
    """Two classes told apart by their colour."""
    rng = np.random.default_rng(0)
    targets = np.arange(96) % 2
    images = rng.integers(60, 120, (96, 32, 32, 3), dtype=np.uint8)
    images[targets == 1, :, :, 0] += 100
    rows = np.arange(96)
    return TrainingData(Images(images), targets, rows[:64], rows[64:], ("neutrophil", "lymphocyte"))


def run(
    config: TrainConfig, data: TrainingData, folder: Path, stop_after: int = 10**9
) -> list[Event]:
    asked = iter(range(10**9))
    return list(fit(config, data, folder / "checkpoint.ckpt", lambda: next(asked) >= stop_after))


def test_learns_two_colours(data: TrainingData, tmp_path: Path) -> None:
    config = replace(CONFIG, architecture="resnet18", epochs=8, weight_average=0.0)
    events = run(config, data, tmp_path)

    assert isinstance(events[0], Started)
    finish = events[-1]
    assert isinstance(finish, Finished)
    assert finish.reason == "done"
    assert finish.best_accuracy > 0.9
    assert (tmp_path / "best.pth").is_file()


def test_resumed_run_equals_unbroken_run(data: TrainingData, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    expected = [e for e in run(CONFIG, data, whole) if isinstance(e, EpochDone)]

    first = run(CONFIG, data, broken, stop_after=5)  # in the second epoch of four batches
    second = run(CONFIG, data, broken)

    assert isinstance(first[-1], Finished)
    assert first[-1].reason == "stopped"
    resumed = [e for e in second if isinstance(e, EpochDone)]
    assert [e.epoch for e in resumed] == [2, 3]
    assert resumed[-1].validation_loss == pytest.approx(expected[-1].validation_loss, rel=1e-4)
    assert resumed[-1].train_loss == pytest.approx(expected[-1].train_loss, rel=1e-4)


@pytest.mark.parametrize(("decay", "answering"), [(0.0, "net"), (0.5, "average")])
def test_best_weights_are_those_of_the_best_epoch(
    decay: float,
    answering: str,
    data: TrainingData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Told(_Sums):
        def means(self, _: object) -> tuple[float, float]:
            return 0.0, next(accuracies)

    accuracies = iter((0.5, 0.8, 0.8))  # of equally good ones the first stays
    monkeypatch.setattr(_Run, "_validate", lambda _: Told())
    checkpoint, weights = tmp_path / "checkpoint.ckpt", []
    for event in fit(replace(CONFIG, weight_average=decay), data, checkpoint):
        if isinstance(event, EpochDone):
            state = torch.load(checkpoint, weights_only=False)[answering]
            weights.append({key.removeprefix("module."): value for key, value in state.items()})

    assert isinstance(event, Finished)
    assert event.best_epoch == 2
    kept = torch.load(tmp_path / "best.pth", weights_only=True)
    same = [all(torch.equal(kept[key], epoch[key]) for key in kept) for epoch in weights]
    assert same == [False, True, False]


def test_early_stopping_ends_a_run_that_no_longer_improves(
    data: TrainingData, tmp_path: Path
) -> None:
    config = replace(CONFIG, epochs=50, learning_rate=1e-7, early_stopping_patience=2)

    events = run(config, data, tmp_path)

    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "early stop"
    assert len([e for e in events if isinstance(e, EpochDone)]) < 50


def test_every_batch_is_told(data: TrainingData, tmp_path: Path) -> None:
    batches = [e for e in run(CONFIG, data, tmp_path) if isinstance(e, BatchDone)]

    assert len(batches) == 3 * 4
    assert batches[-1].batch == batches[-1].batches == 4
