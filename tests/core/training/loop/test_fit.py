"""The loop learns, saves each epoch, and a resumed run equals an unbroken one."""

import math
from collections.abc import Container
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.errors import TrainingError
from core.training.config import TrainConfig
from core.training.loop.data import Images, TrainingData
from core.training.loop.events import BatchDone, EpochDone, Event, Finished, Started
from core.training.loop.fit import fit
from core.training.loop.learner import Learner
from core.training.loop.sums import Sums
from core.vision import networks
from core.vision.augmentation import Augmentation
from tests.core.training.loop.tiny import CLASSES, TINY, two_colours

CONFIG = replace(
    TINY,
    epochs=3,
    batch_size=16,
    learning_rate=3e-3,
    weight_average=0.5,
    augmentation=Augmentation(rotation_degrees=10),
)


@pytest.fixture(scope="module")
def data() -> TrainingData:
    """Two classes told apart by their colour."""
    pixels, targets = two_colours(96)
    rows = np.arange(96)
    return TrainingData(Images(pixels), targets, rows[:64], rows[64:], CLASSES)


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
    class Told(Sums):
        def means(self, _: object) -> tuple[float, float]:
            return 0.0, next(accuracies)

    accuracies = iter((0.5, 0.8, 0.8))  # of equally good ones the first stays
    monkeypatch.setattr(Learner, "_validate", lambda _: Told())
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


@pytest.mark.parametrize("architecture", ["resnet18", "mobilenet_v3_small"])
def test_one_image_more_than_whole_batches_is_learnt_from(
    architecture: str, data: TrainingData, tmp_path: Path
) -> None:
    """At this side the last stages see one pixel, of which batch normalisation needs two images."""
    config = replace(CONFIG, architecture=architecture, epochs=1)
    events = run(config, replace(data, train=data.train[:33]), tmp_path)
    assert [e.batches for e in events if isinstance(e, BatchDone)] == [2, 2]


def overflowing(batches: Container[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Has these batches, counted from zero, give a loss that is not finite."""
    count, loss_of = iter(range(10**9)), F.cross_entropy

    def cross_entropy(*args: Any, **given: Any) -> torch.Tensor:
        loss = loss_of(*args, **given)
        in_training = loss.requires_grad
        return loss * torch.inf if in_training and next(count) in batches else loss

    monkeypatch.setattr(F, "cross_entropy", cross_entropy)


def test_a_batch_whose_gradients_overflow_is_lost_and_nothing_else(
    data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overflowing({0, 5}, monkeypatch)
    epochs = [e for e in run(CONFIG, data, tmp_path) if isinstance(e, EpochDone)]
    assert len(epochs) == 3
    assert all(math.isfinite(e.train_loss + e.validation_loss) for e in epochs)


def test_a_run_whose_weights_run_away_ends_and_says_so(
    data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overflowing(range(4, 10**9), monkeypatch)
    config = replace(CONFIG, epochs=50, weight_average=0.0)
    with pytest.raises(TrainingError, match="learning rate"):
        run(config, data, tmp_path)
    kept = torch.load(tmp_path / "best.pth", weights_only=True)
    assert all(values.isfinite().all() for values in kept.values())


def test_a_validation_that_is_no_number_replaces_no_checkpoint(
    data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ruined(Sums):
        def means(self, _: object) -> tuple[float, float]:
            return math.nan, 0.5

    monkeypatch.setattr(Learner, "_validate", lambda _: Ruined())
    with pytest.raises(TrainingError):
        run(CONFIG, data, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_run_from_a_model_of_other_classes_starts_each_output_from_its_own(
    data: TrainingData, tmp_path: Path
) -> None:
    before, _ = networks.build(CONFIG.architecture, 3, side_px=32)
    torch.save(before.state_dict(), tmp_path / "start.pth")
    known = ("lymphocyte", "platelet", "neutrophil")  # the data's are the last and the first
    checkpoint, config = tmp_path / "last.ckpt", replace(CONFIG, epochs=1, learning_rate=1e-7)
    list(fit(config, data, checkpoint, start_weights=tmp_path / "start.pth", start_outputs=known))
    after, _ = networks.build(CONFIG.architecture, 2, side_px=32)
    after.load_state_dict(torch.load(tmp_path / "best.pth", weights_only=True))
    expected = networks.last_linear(before).weight[[2, 0]]
    torch.testing.assert_close(networks.last_linear(after).weight, expected, atol=1e-4, rtol=0)
