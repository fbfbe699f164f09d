from dataclasses import replace
from pathlib import Path

import pytest

from core.training.config import TrainConfig
from core.training.loop.events import BatchDone, EpochDone, Started
from core.training.runs.folder import Run
from core.training.runs.metrics_log import Metrics
from core.training.runs.state import RunState, Status
from core.training.runs.timing import expected_s, left_s, trained_s

CONFIG = TrainConfig(data_dir="cells", epochs=10, batch_size=20)
START = Started("cpu", "32-true", "from scratch", {"train": 200, "validation": 30}, 10, 10)
HALF = BatchDone(epoch=3, batch=5, batches=10, loss=1.0, images_per_second=10.0)


def epoch(number: int, seconds: float) -> EpochDone:
    return EpochDone(number, 1.0, 0.5, 1.0, 0.5, 1e-3, seconds, 10.0)


def run(metrics: Metrics, config: TrainConfig = CONFIG) -> Run:
    state = RunState(Status.RUNNING, created="2026-01-01T00:00:00+00:00")
    return Run(Path("run"), state, config, metrics)


TWO_EPOCHS = Metrics(START, (epoch(1, 20.0), epoch(2, 30.0)), HALF)


def test_time_counts_whole_epochs_and_the_share_of_the_present_one() -> None:
    assert trained_s(run(TWO_EPOCHS)) == pytest.approx(20 + 30 + 5 * 20 / 10)


def test_a_batch_counts_on_each_device() -> None:
    both = replace(CONFIG, devices=2)
    assert trained_s(run(Metrics(START, (), HALF), both)) == pytest.approx(2 * 5 * 20 / 10)


def test_time_left_follows_the_median_epoch() -> None:
    assert left_s(run(TWO_EPOCHS)) == pytest.approx(8 * 25 - 10)


def test_time_left_in_the_first_epoch_follows_the_batches() -> None:
    assert left_s(run(Metrics(START, (), HALF))) == pytest.approx(10 * 20 - 10)


def test_time_left_is_unknown_before_the_first_batch() -> None:
    assert left_s(run(Metrics())) is None
    assert left_s(run(Metrics(START))) is None


def test_expected_time_scales_with_epochs_and_images() -> None:
    earlier = [run(TWO_EPOCHS)]
    assert expected_s(replace(CONFIG, epochs=4), earlier) == pytest.approx(4 * 25)
    assert expected_s(replace(CONFIG, epochs=4, limit=100), earlier) == pytest.approx(4 * 25 * 0.35)


@pytest.mark.parametrize("other", [{"architecture": "resnet50"}, {"side_px": 64}])
def test_expected_time_is_unknown_without_a_run_of_its_kind(other: dict[str, object]) -> None:
    config = replace(CONFIG, **other)  # type: ignore[arg-type]
    assert expected_s(config, [run(TWO_EPOCHS)]) is None
    assert expected_s(CONFIG, [run(Metrics(START, (), HALF))]) is None


def test_expected_time_is_unknown_for_images_never_counted() -> None:
    assert expected_s(replace(CONFIG, data_dir="others"), [run(TWO_EPOCHS)]) is None
