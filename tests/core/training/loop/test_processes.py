"""Two processes train as one, end together, and leave nobody behind."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.errors import DatasetError, TrainingError
from core.settings import ROOT
from core.training.loop.data import TrainingData
from core.training.loop.events import BatchDone, EpochDone, Finished
from core.training.loop.fit import fit
from core.vision import networks
from core.vision.augment import normalise
from tests.core.jobs.children import has_ended, kill
from tests.core.training.loop.tiny import CLASSES, TINY, two_colours
from tests.core.training.loop.watched import Watched, watched

TIMEOUT_S = 600
TRAIN, VALIDATION = 21, 11  # neither can be shared by two
CONFIG = replace(TINY, devices=2)


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    """A test that hangs fails."""

    def fail(*_: object) -> None:
        raise TimeoutError("still running")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(TIMEOUT_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def made(log: Path, fault: str = "none") -> TrainingData:
    """Two classes told apart by their colour."""
    pixels, targets = two_colours(TRAIN + VALIDATION)
    rows = np.arange(len(targets))
    return TrainingData(Watched(pixels, log, fault), targets, rows[:TRAIN], rows[TRAIN:], CLASSES)


def processes(log: Path) -> set[int]:
    return {pid for _, pid, _ in watched(log)}


def seen(log: Path, rank: int, rows: range) -> list[int]:
    """Those of the rows that a process asked for."""
    return [row for who, _, asked in watched(log) for row in asked if who == rank and row in rows]


def test_both_see_as_much_hold_the_same_and_validate_each_image_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    data = made(log)
    events = list(fit(CONFIG, data, tmp_path / "checkpoint"))

    assert isinstance(events[-1], Finished)
    assert all(has_ended(pid) for pid in processes(log))
    epochs = [event for event in events if isinstance(event, EpochDone)]
    shares = [seen(log, rank, range(TRAIN)) for rank in (0, 1)]
    assert [len(share) for share in shares] == [11 * len(epochs)] * 2
    assert set(shares[0] + shares[1]) == set(range(TRAIN))
    held_back = range(TRAIN, TRAIN + VALIDATION)
    validated = seen(log, 0, held_back) + seen(log, 1, held_back)
    assert sorted(validated) == sorted([*held_back] * len(epochs))
    first, second = (torch.load(f"{log}-{rank}", weights_only=True) for rank in (0, 1))
    assert all(torch.equal(first[key], second[key]) for key in first)
    best = [epoch for epoch in epochs if epoch.best][-1]
    assert best.validation_loss == pytest.approx(loss_of(tmp_path / "best.pth", data), rel=1e-4)


def loss_of(weights: Path, data: TrainingData) -> float:
    """On all validation images at once."""
    net, _ = networks.build(CONFIG.architecture, 2, side_px=32)
    net.load_state_dict(torch.load(weights, weights_only=True))
    pixels = torch.from_numpy(data.images[data.validation]).permute(0, 3, 1, 2)
    with torch.inference_mode():
        logits = net.eval()(normalise(pixels, 32))
    return float(F.cross_entropy(logits, torch.from_numpy(data.targets[data.validation])))


@pytest.mark.slow
def test_two_processes_learn_what_one_does_from_batches_twice_as_large(tmp_path: Path) -> None:
    net, _ = networks.build("resnet18", 2, side_px=32)  # it drops nothing out
    start = net.state_dict()
    torch.save(start, tmp_path / "start")
    both = replace(CONFIG, architecture="resnet18", frozen_statistics=True, epochs=1)
    alone = replace(both, devices=1, batch_size=8)
    weights = []
    for name, config in (("both", both), ("alone", alone)):
        (tmp_path / name).mkdir()
        data = even(made(tmp_path / name / "log"))
        list(fit(config, data, tmp_path / name / "checkpoint", start_weights=tmp_path / "start"))
        weights.append(torch.load(tmp_path / name / "best.pth", weights_only=True))
    first, second = weights
    for key, values in start.items():
        moved = torch.dist(second[key].float(), values.float())
        assert torch.dist(first[key].float(), second[key].float()) <= 0.02 * moved, key


def even(data: TrainingData) -> TrainingData:
    return replace(data, train=data.train[:16])


@pytest.mark.slow
def test_a_stop_ends_both_in_the_middle_of_an_epoch_and_a_resume_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "log"
    config = replace(CONFIG, epochs=300)
    asked = iter(range(10**9))
    told = list(fit(config, made(log), tmp_path / "checkpoint", lambda: next(asked) > 4))

    assert isinstance(told[-1], Finished)
    assert told[-1].reason == "stopped"
    assert all(has_ended(pid) for pid in processes(log))
    done = max(event.epoch for event in told if isinstance(event, EpochDone))
    log.unlink()
    again = fit(replace(config, epochs=done + 1), made(log), tmp_path / "checkpoint")
    assert [event.epoch for event in again if isinstance(event, EpochDone)] == [done + 1]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("killed", TrainingError),
        pytest.param("known", DatasetError, marks=pytest.mark.slow),
        pytest.param("unknown", RuntimeError, marks=pytest.mark.slow),
    ],
)
def test_where_one_fails_the_other_ends_and_the_cause_is_told(
    fault: str, error: type[Exception], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with pytest.raises(error) as told:
        list(fit(replace(CONFIG, epochs=300), made(log, fault), tmp_path / "checkpoint"))
    cause = {"killed": "Process 2 of 2", "known": "image is gone", "unknown": "ZeroDivisionError"}
    assert cause[fault] in str(told.value)
    assert len(processes(log)) == 2
    assert all(has_ended(pid) for pid in processes(log))


PARENT = """
import sys
from dataclasses import replace
from pathlib import Path
from core.training.loop.fit import fit
from tests.core.training.loop.test_processes import CONFIG, made
folder = Path(sys.argv[1])
for event in fit(replace(CONFIG, epochs=300), made(folder / "log"), folder / "checkpoint"):
    print(type(event).__name__, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_both_end_with_the_process_that_started_them(how: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        next(line for line in parent.stdout if line.strip() == BatchDone.__name__)
        kill(parent.pid, how)
    assert len(processes(tmp_path / "log")) == 2
    assert all(has_ended(pid) for pid in processes(tmp_path / "log"))


def test_other_machines_are_refused_before_anything_waits_for_them(tmp_path: Path) -> None:
    with pytest.raises(TrainingError):
        next(fit(replace(CONFIG, nodes=2), made(tmp_path / "log"), tmp_path / "checkpoint"))
