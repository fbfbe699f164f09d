import json
from pathlib import Path
from typing import Any

from core.training.loop.events import BatchDone, EpochDone, Event, Finished, Started
from core.training.runs.metrics_log import Metrics, note_launch, read_metrics

START = Started("cpu", "bf16-mixed", "ImageNet", {"train": 70, "validation": 10}, 5, 4, 0)


def epoch(number: int, accuracy: float) -> EpochDone:
    return EpochDone(number, 1.0, 0.5, 1.1, accuracy, 1e-3, 10.0, 7.0, False)


def lines(*events: Event | dict[str, Any]) -> str:
    told = (e.to_dict() if isinstance(e, Event) else e for e in events)
    return "".join(json.dumps(event) + "\n" for event in told)


def append(folder: Path, text: str) -> None:
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(text)


def test_nothing_was_told_yet(tmp_path: Path) -> None:
    assert read_metrics(tmp_path) == Metrics()


def test_every_event_the_loop_tells_is_understood(tmp_path: Path) -> None:
    append(tmp_path, lines(START, epoch(1, 0.6), epoch(2, 0.8), BatchDone(3, 2, 4, 0.9, 7.5)))
    metrics = read_metrics(tmp_path)
    assert metrics.start is not None and metrics.start.images == {"train": 70, "validation": 10}
    assert [e.epoch for e in metrics.epochs] == [1, 2]
    assert metrics.best is not None and metrics.best.epoch == 2
    assert metrics.batch is not None and metrics.batch.batch == 2
    assert metrics.losses == {2.48: 0.9}
    append(tmp_path, lines(Finished("early stop", 2, 0.8)))
    assert read_metrics(tmp_path).finish == "early stop"
    assert read_metrics(tmp_path).batch is None


def test_a_torn_last_line_waits_for_its_end(tmp_path: Path) -> None:
    whole = lines(epoch(1, 0.6))
    append(tmp_path, lines(START) + whole[:30])
    before = read_metrics(tmp_path)
    assert before.start is not None and not before.epochs
    append(tmp_path, whole[30:])
    after = read_metrics(tmp_path, before)
    assert [e.epoch for e in after.epochs] == [1]
    assert after == read_metrics(tmp_path)


def test_damaged_and_foreign_lines_are_passed_over(tmp_path: Path) -> None:
    torn = lines(epoch(1, 0.6))[:30] + "\n"
    rest = '{"event": "epoch", "epoch": 1}\n[1, 2]\n\n{"event": "new kind"}\n'
    append(tmp_path, torn + rest + lines(epoch(2, 0.7)))
    assert [e.epoch for e in read_metrics(tmp_path).epochs] == [2]


def test_the_last_line_of_an_epoch_counts(tmp_path: Path) -> None:
    append(tmp_path, lines(epoch(1, 0.9), epoch(2, 0.95), START, epoch(2, 0.7)))
    metrics = read_metrics(tmp_path)
    assert {e.epoch: e.validation_accuracy for e in metrics.epochs} == {1: 0.9, 2: 0.7}
    assert metrics.best is not None and metrics.best.epoch == 1


def test_only_what_is_new_is_read(tmp_path: Path) -> None:
    append(tmp_path, lines(START))
    known = read_metrics(tmp_path)
    path = tmp_path / "metrics.jsonl"
    path.write_text("x" * known.offset + lines(epoch(1, 0.6)))
    assert [e.epoch for e in read_metrics(tmp_path, known).epochs] == [1]


def test_a_file_that_shrank_is_read_anew(tmp_path: Path) -> None:
    append(tmp_path, lines(START, epoch(1, 0.6), epoch(2, 0.7)))
    known = read_metrics(tmp_path)
    (tmp_path / "metrics.jsonl").write_text(lines(epoch(1, 0.1)))
    assert [e.epoch for e in read_metrics(tmp_path, known).epochs] == [1]


def test_a_resume_takes_back_the_former_end(tmp_path: Path) -> None:
    error = {"event": "error", "message": "no space"}
    append(tmp_path, lines(START, Finished("stopped", 0, 0.0), error))
    assert read_metrics(tmp_path).error == "no space"
    append(tmp_path, lines(START))
    metrics = read_metrics(tmp_path)
    assert (metrics.finish, metrics.error) == ("", "")


def test_a_launch_leaves_the_epochs_and_nothing_else(tmp_path: Path) -> None:
    torn = lines(BatchDone(2, 2, 4, 0.9, 7.5))[:20]
    append(tmp_path, lines(START, epoch(1, 0.6), BatchDone(2, 1, 4, 0.9, 7.5)) + torn)
    note_launch(tmp_path)
    metrics = read_metrics(tmp_path)
    assert [e.epoch for e in metrics.epochs] == [1]
    assert (metrics.start, metrics.batch) == (None, None)
