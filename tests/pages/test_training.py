import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.access.accounts import Role
from core.jobs import Queue, steps
from core.records.store import Store
from core.settings import Settings
from core.settings import settings as current_settings
from core.training import runs
from core.training.config import TrainConfig
from core.training.runs import Status
from core.training.runs.state import AFRESH, RESUME
from pages.components.training.view import CURVES_TO_COME, NO_CURVES

PAGE = "pages/training.py"
OpenPage = Callable[[str, Role], AppTest]


@pytest.fixture
def cells(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder; what is in it does not matter to the page."""
    for name in ("neutrophil", "lymphocyte"):
        folder = tmp_path / "cells" / name
        folder.mkdir(parents=True)
        (folder / "1.jpg").write_bytes(b"")
    monkeypatch.setenv("BLOODCELLS_DATA_DIR", str(tmp_path / "cells"))
    current_settings.cache_clear()
    return tmp_path / "cells"


pytestmark = pytest.mark.usefixtures("jobs_run")


@pytest.fixture
def queue(store: Store) -> Queue:
    return Queue(store, current_settings())


def begin(cells: Path, queue: Queue, *, epochs_told: int = 0, **settings: object) -> runs.Run:
    config = TrainConfig(data_dir=str(cells), epochs=4, **settings)  # type: ignore[arg-type]
    run = runs.start(config, queue, None)
    start = {"event": "start", "device": "cpu", "precision": "32-true", "pretrained": "ImageNet"}
    start |= {"images": {"train": 700, "validation": 100}, "epochs": 4, "batches": 10}
    told = [start, *(epoch(n + 1) for n in range(epochs_told))]
    told.append({"event": "batch", "epoch": epochs_told + 1, "batch": 5, "batches": 10} | RATE)
    for line in told:
        tell(run, line)
    return run


RATE = {"loss": 0.5, "images_per_second": 70.0}


def epoch(number: int) -> dict[str, object]:
    figures = {"train_loss": 1.0, "train_accuracy": 0.5, "validation_loss": 1.0}
    figures |= {"validation_accuracy": 0.5 + number / 10, "learning_rate": 1e-3, "seconds": 60.0}
    return {"event": "epoch", "epoch": number, "images_per_second": 70.0} | figures


def end(run: runs.Run, queue: Queue, state: Status, message: str = "") -> None:
    """Ends the run's job, as its process would."""
    with queue.store.write() as session:
        row = steps.row_of(session, queue.by_subject("training")[run.id][-1].id)
        steps.end(row, state, message)


def tell(run: runs.Run, line: dict[str, object]) -> None:
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")


def measured(run: runs.Run) -> None:
    """Gives the run what its process leaves behind, a bundle; its card is empty."""
    (run.folder / "bundle").mkdir()
    (run.folder / "bundle" / "card.json").write_text("{}")


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def button(app: AppTest, label: str) -> object:
    return next(b for b in app.button if b.label == label)


def text(app: AppTest) -> str:
    return "\n".join(e.value for kind in (app.caption, app.info, app.markdown) for e in kind)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_sees_the_page_and_only_some_may_start(
    open_page: OpenPage, cells: Path, role: Role
) -> None:
    app = open_page(PAGE, role)
    assert not app.exception and not app.error
    may_train = role is not Role.CLINICIAN
    assert button(app, "Start").disabled is not may_train  # type: ignore[attr-defined]
    assert app.selectbox(key="training_architecture").disabled is not may_train
    assert ("press Start" in text(app)) is may_train


def test_start_trains_what_the_form_says(open_page: OpenPage, cells: Path, queue: Queue) -> None:
    app = open_page(PAGE, Role.SCIENTIST)
    app.selectbox(key="training_architecture").select("efficientnet_lite0")
    app.number_input(key="training_epochs").set_value(3)
    app.number_input(key="training_rotation_degrees").set_value(45.0)
    button(app, "Start").click().run()  # type: ignore[attr-defined]
    assert not app.exception and not app.error
    (run,) = runs.list_runs(queue)
    assert (run.status, run.state.by) == (Status.RUNNING, "scientist")
    assert (run.config.architecture, run.config.epochs) == ("efficientnet_lite0", 3)
    assert run.config.augmentation.rotation_degrees == 45
    assert Path(run.config.data_dir) == cells


def test_what_stands_in_the_form_at_first_is_the_default_config(
    open_page: OpenPage, cells: Path, queue: Queue
) -> None:
    button(open_page(PAGE, Role.ADMIN), "Start").click().run()  # type: ignore[attr-defined]
    (run,) = runs.list_runs(queue)
    assert run.config == TrainConfig(data_dir=str(cells))


def test_a_live_run_tells_how_far_it_is_and_can_be_stopped(
    open_page: OpenPage, cells: Path, queue: Queue
) -> None:
    run = begin(cells, queue, epochs_told=1)
    app = open_page(PAGE, Role.SCIENTIST)
    assert not app.exception
    told = [bar.proto.text for bar in app.get("progress")]
    assert told == ["Epoch 2 of 4, 3 min left", "Batch 5 of 10, 70 images/s, loss 0.500"]
    assert "weights: ImageNet" in text(app)
    button(app, "Stop").click().run()  # type: ignore[attr-defined]
    assert runs.find_run(run.id, queue).is_stopping
    assert "Stop at once" in labels(app)


def test_who_only_looks_stops_nothing(open_page: OpenPage, cells: Path, queue: Queue) -> None:
    begin(cells, queue)
    app = open_page(PAGE, Role.CLINICIAN)
    assert button(app, "Stop").disabled  # type: ignore[attr-defined]


def test_an_earlier_run_of_its_kind_tells_the_time(
    open_page: OpenPage, cells: Path, queue: Queue
) -> None:
    begin(cells, queue, epochs_told=2)
    assert "At most about 20 min" in text(open_page(PAGE, Role.SCIENTIST))


def test_measuring_is_shown_while_it_goes_on(
    open_page: OpenPage, cells: Path, queue: Queue
) -> None:
    run = begin(cells, queue, epochs_told=4)
    tell(run, {"event": "measuring", "answered": 30, "total": 120})
    app = open_page(PAGE, Role.SCIENTIST)
    (bar,) = app.get("progress")
    assert bar.proto.text == "Measuring the best epoch: 30 of 120 held-back images"


def test_only_a_measured_run_offers_a_bundle(
    open_page: OpenPage, cells: Path, queue: Queue
) -> None:
    run = begin(cells, queue, epochs_told=4)
    end(run, queue, Status.FINISHED)
    assert "Make it" not in labels(open_page(PAGE, Role.SCIENTIST))
    measured(run)
    app = open_page(PAGE, Role.SCIENTIST)
    assert "Make it" in labels(app)
    assert f"evaluated={run.id}" in str(app.get("page_link")[0].proto)


def test_a_bundle_that_cannot_be_made_says_why(
    open_page: OpenPage, cells: Path, queue: Queue
) -> None:
    run = begin(cells, queue, epochs_told=4)
    end(run, queue, Status.FINISHED)
    measured(run)
    app = open_page(PAGE, Role.SCIENTIST)
    button(app, "Make it").click().run()  # type: ignore[attr-defined]
    assert "is refused" in app.error[0].value  # this run has an empty card


def test_a_bundle_that_is_made_leads_to_its_evaluation(
    open_page: OpenPage, cells: Path, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr(
        "core.training.packaging.export.make_bundle", lambda *args: made.append(args[1])
    )
    run = begin(cells, queue, epochs_told=4)
    end(run, queue, Status.FINISHED)
    measured(run)
    app = open_page(PAGE, Role.SCIENTIST)
    button(app, "Make it").click().run()  # type: ignore[attr-defined]
    assert made == [f"resnet18-{run.id[:8]}"]
    assert made[0] in app.success[0].value
    assert f"evaluated={made[0]}" in str(app.get("page_link")[0].proto)


def test_a_failed_run_says_why_and_resumes(open_page: OpenPage, cells: Path, queue: Queue) -> None:
    run = begin(cells, queue)
    end(run, queue, Status.FAILED, "No space left.")
    app = open_page(PAGE, Role.SCIENTIST)
    assert app.error[0].value == "No space left."
    button(app, "Resume").click().run()  # type: ignore[attr-defined]
    assert runs.find_run(run.id, queue).status == Status.RUNNING


@pytest.mark.parametrize(("epochs", "resumed"), [(0, AFRESH), (2, RESUME)])
def test_a_stopped_run_says_from_where_it_would_go_on(
    cells: Path, queue: Queue, epochs: int, resumed: str
) -> None:
    run = begin(cells, queue, epochs_told=epochs)
    end(run, queue, Status.STOPPED, "Stopped.")
    assert runs.find_run(run.id, queue).state.message == f"Stopped. {resumed}"


def test_the_page_announces_nothing_that_will_not_come(
    open_page: OpenPage, cells: Path, queue: Queue
) -> None:
    run = runs.start(TrainConfig(data_dir=str(cells)), queue, None)
    told = text(open_page(PAGE, Role.SCIENTIST))
    assert (CURVES_TO_COME in told, NO_CURVES in told) == (True, False)
    assert "the one that is running" in told
    end(run, queue, Status.STOPPED, "Stopped.")
    told = text(open_page(PAGE, Role.SCIENTIST))
    assert (CURVES_TO_COME in told, NO_CURVES in told) == (False, True)
    assert "the one that is running" not in told


def test_drawn_cells_are_called_drawn(open_page: OpenPage, cells: Path) -> None:
    (cells / "SYNTHETIC.md").write_text("drawn")
    app = open_page(PAGE, Role.SCIENTIST)
    assert "never a model for real cells" in app.warning[0].value


def test_a_run_for_other_laboratories_frames_cells_and_learns_from_theirs(
    cells: Path, queue: Queue, settings: Settings, open_page: OpenPage
) -> None:
    blasts = settings.laboratories_dir / "north" / "blast"
    blasts.mkdir(parents=True)
    app = open_page(PAGE, Role.SCIENTIST)
    app.toggle(key="training_framed").set_value(True).run()
    app.multiselect(key="training_further").set_value(["north"]).run()
    app.number_input(key="training_repeat").set_value(3).run()
    button(app, "Start").click().run()  # type: ignore[attr-defined]
    assert not app.exception
    (run,) = runs.list_runs(queue)
    assert run.config.view is not None
    (further,) = run.config.further
    assert (further.folder, further.repeat) == (str(blasts.parent), 3)
