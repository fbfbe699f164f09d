"""The training process itself: killed at any moment, resumed, made a bundle that answers."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from core.dataset.catalogue import load_catalogue, update_catalogue
from core.dataset.splits import split
from core.dataset.synthetic import write_dataset
from core.errors import InvalidConfigError, ResultMissingError, RunError
from core.evaluation.results import EvaluationResult, load_fitting, result_path
from core.images import decode
from core.jobs import Queue
from core.records import schema
from core.records.store import Store
from core.settings import ROOT, Settings
from core.training import runs
from core.training.config import TrainConfig
from core.training.packaging.export import make_bundle
from core.training.runs.folder import create
from core.training.runs.metrics_log import read_metrics
from core.training.runs.state import Status
from core.training.runs.work import work
from core.vision.bundle import bundle_folders, find_bundle, load_bundle
from core.vision.classifier import Classifier
from core.vision.networks import heat_layer
from core.work import Context, WorkStopped
from tests.core.jobs.children import idle_queue

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / "cells"
    write_dataset(root, per_class=14)
    return root


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("state")
    return Settings(state_dir=folder, models_dir=folder / "shipped")


def config(cells: Path, epochs: int = 3) -> TrainConfig:
    return TrainConfig(
        data_dir=str(cells),
        architecture="mobilenet_v3_small",
        pretrained=False,
        side_px=32,
        epochs=epochs,
        batch_size=16,
        early_stopping_patience=0,
    )


@pytest.fixture(scope="module")
def queue(state: Settings) -> Iterator[Queue]:
    schema.migrate(state.database)
    store = Store(state.database)
    yield idle_queue(store, state)
    store.close()


def train(run: runs.Run, queue: Queue) -> subprocess.Popen[str]:
    """Does the run's last job as its process would."""
    queue.sweep()
    job = queue.by_subject("training")[run.id][-1]
    environment = {**os.environ, "BLOODCELLS_STATE_DIR": str(queue.settings.state_dir)}
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "core.jobs", job.id],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )


@pytest.fixture(scope="module")
def finished(cells: Path, queue: Queue) -> Path:
    """A run that was killed after its first epoch, then went on to its end."""
    run = runs.start(config(cells), queue, None)
    with train(run, queue) as process:
        assert process.stdout
        next(line for line in process.stdout if line.startswith("EpochDone(epoch=1,"))
        process.kill()
    with train(run, queue) as process:
        assert process.wait(timeout=300) == 0
    return run.folder


def test_a_run_on_two_devices_is_trained_measured_and_over(cells: Path, queue: Queue) -> None:
    run = runs.start(replace(config(cells, epochs=2), devices=2), queue, None)

    with train(run, queue) as process:
        try:
            assert process.wait(timeout=300) == 0
        finally:
            process.kill()

    run = runs.find_run(run.id, queue)
    assert (run.status, run.is_measured) == (Status.FINISHED, True)
    assert [epoch.epoch for epoch in run.metrics.epochs] == [1, 2]


def test_killed_run_goes_on_from_its_last_whole_epoch(finished: Path, queue: Queue) -> None:
    run = runs.find_run(finished.name, queue)

    assert run.status == Status.FINISHED
    assert [epoch.epoch for epoch in run.metrics.epochs] == [1, 2, 3]
    assert run.metrics.start
    assert run.metrics.start.epochs_done == 1


def test_best_epoch_is_a_measured_bundle(finished: Path, state: Settings, queue: Queue) -> None:
    bundle = find_bundle(finished.name, state)

    card = bundle.card
    assert runs.find_run(finished.name, queue).is_measured
    assert card.synthetic
    assert "no model for real cells" in card.limits
    assert card.heat_map and card.heat_map.layer == heat_layer(card.architecture)
    assert set(card.metrics) == {"validation", "test"}
    assert 0 < card.review_below <= 1
    assert card.config["data_dir"] == "cells"  # not where its maker keeps images
    result = EvaluationResult.load(state.evaluations_dir / finished.name / "test.npz")
    assert card.metrics["test"]["n"] == len(result)


def test_named_bundle_keeps_figures_and_evaluations(finished: Path, state: Settings) -> None:
    bundle = make_bundle(finished, "drawn", state)

    assert find_bundle("drawn", state).card == bundle.card
    assert bundle.card.metrics == find_bundle(finished.name, state).card.metrics
    result = load_fitting(state.evaluations_dir, bundle.card, "test", bundle.card.data.fingerprint)
    assert result.bundle == "drawn"


def test_test_images_were_never_trained_on(
    finished: Path, state: Settings, cells: Path, queue: Queue
) -> None:
    catalogue = load_catalogue(cells, state.cache_dir)
    assert catalogue
    names = split(catalogue)
    run = runs.find_run(finished.name, queue)

    assert run.metrics.start
    assert run.metrics.start.images["train"] == (names == "train").sum()
    assert (names == "test").sum() > 0


def test_both_runtimes_agree_on_a_trained_bundle(
    finished: Path, state: Settings, cells: Path
) -> None:
    bundle = find_bundle(finished.name, state)
    images = [decode(path.read_bytes()) for path in sorted(cells.glob("*/*.jpg"))[::8]]

    fast = Classifier(bundle, "openvino").probabilities(images)
    reference = Classifier(bundle, "torch").probabilities(images)

    assert abs(fast - reference).max() < 0.02


def test_name_that_is_taken_or_a_path_is_refused(finished: Path, state: Settings) -> None:
    make_bundle(finished, "taken", state)

    with pytest.raises(InvalidConfigError, match="exists already"):
        make_bundle(finished, "taken", state)
    with pytest.raises(InvalidConfigError, match="letters"):
        make_bundle(finished, "../outside", state)


def test_a_run_whose_evaluations_are_gone_makes_no_half_of_a_bundle(
    finished: Path, state: Settings, tmp_path: Path
) -> None:
    elsewhere = state.model_copy(update={"state_dir": tmp_path})
    with pytest.raises(ResultMissingError):
        make_bundle(finished, "half", elsewhere)
    assert "half" not in bundle_folders(elsewhere)


def test_run_without_an_epoch_makes_no_bundle(cells: Path, queue: Queue) -> None:
    run = runs.start(config(cells), queue, None)

    with pytest.raises(RunError, match="no measured epoch"):
        make_bundle(run.folder, "early", queue.settings)
    runs.stop(run.id, queue)  # or the next process would go on as its


def test_data_that_cannot_be_trained_on_fails_the_run_with_the_reason(
    queue: Queue, cells: Path, tmp_path: Path
) -> None:
    for name in ("neutrophil", "martian"):
        (tmp_path / name).mkdir()
        for number, source in enumerate(sorted((cells / "neutrophil").iterdir())[:12]):
            (tmp_path / name / f"{number}.jpg").write_bytes(source.read_bytes() + name.encode())
    run = runs.start(config(tmp_path), queue, None)

    with train(run, queue) as process:
        assert process.wait(timeout=300) == 2

    run = runs.find_run(run.id, queue)
    assert run.status == Status.FAILED
    assert "two classes" in run.state.message
    assert "two classes" in run.metrics.error


def in_process(run_dir: Path, tell: Callable[[float, str], None], stop: Event) -> dict[str, object]:
    """Does the run's work here, as its job's process would."""
    return work({"run": run_dir.name}, Context(run_dir, tell, stop.is_set))


def test_a_stopped_run_gets_the_model_of_its_best_whole_epoch(
    cells: Path, settings: Settings
) -> None:
    folder, stop = create(config(cells, epochs=2), settings.runs_dir), Event()

    def tell(_: float, text: str) -> None:
        if text.startswith("Epoch 2"):
            stop.set()

    with pytest.raises(WorkStopped):
        in_process(folder, tell, stop)

    assert read_metrics(folder).finish == "stopped"
    assert [epoch.epoch for epoch in read_metrics(folder).epochs] == [1]
    assert make_bundle(folder, "stopped", settings).card.metrics["test"]["n"] > 0


def test_images_that_come_while_it_trains_change_nothing_and_it_does_not_go_on_with_them(
    cells: Path, settings: Settings, tmp_path: Path
) -> None:
    own, stop = tmp_path / "own", Event()
    shutil.copytree(cells, own)
    folder = create(config(own, epochs=2), settings.runs_dir)

    def tell(_: float, text: str) -> None:
        if text.startswith("Epoch 2"):
            shutil.copytree(cells / "monocyte", own / "basophil", dirs_exist_ok=True)
            stop.set()

    before = update_catalogue(own, tmp_path / "cache")
    with pytest.raises(WorkStopped):
        in_process(folder, tell, stop)

    of_test = split(before)[lambda names: names == "test"].index
    assert load_bundle(folder / "bundle").card.data.fingerprint == before.fingerprint
    result = EvaluationResult.load(result_path(settings.evaluations_dir, folder.name, "test"))
    assert sorted(result.sample_ids) == sorted(of_test)
    with pytest.raises(RunError):
        in_process(folder, tell, Event())
    assert read_metrics(folder).finish == ""
