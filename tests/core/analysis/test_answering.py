"""A process follows what is put into use in another, from the next prediction on."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from core.access.accounts import COMMAND_LINE
from core.analysis import answering, compiled
from core.analysis.answering import Answering
from core.analysis.compiled import open_classifier
from core.analysis.deployments import use_bundle
from core.errors import BundleMissingError, BusyError, DeploymentError
from core.records.store import Store
from core.settings import Settings
from core.vision.bundle import Bundle, load_bundle, write_card
from core.vision.classifier import Classifier
from tests.factories import make_bundle
from tests.threads import at_once


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle to copy: exporting one takes seconds."""
    return make_bundle(tmp_path_factory.mktemp("models")).folder


@pytest.fixture
def models(settings: Settings, exported: Path) -> Settings:
    """Settings under which "one" answers and "two" could."""
    chosen = settings.model_copy(update={"bundle": "one"})
    for name in ("one", "two"):
        folder = chosen.bundle_dirs[1] / name
        shutil.copytree(exported, folder)
        write_card(folder, load_bundle(folder).card.model_copy(update={"name": name}))
    return chosen


@pytest.fixture
def here(store: Store, models: Settings) -> Iterator[Answering]:
    """What answers in this process."""
    opened = Answering(store, models)
    yield opened
    opened.close()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Networks of "two" open only once this is set, at every ``Answering``."""
    set_ = Event()

    def slow(bundle: Bundle, settings: Settings) -> Classifier:
        if bundle.name == "two":
            assert set_.wait(30)
        return open_classifier(bundle, settings)

    monkeypatch.setattr(answering, "open_classifier", slow)
    return set_


def name(of: Answering) -> str:
    return of.predictor().classifier.bundle.name


def test_another_process_is_followed_from_the_next_prediction_on(
    store: Store, models: Settings, here: Answering
) -> None:
    assert name(here) == "one"
    use_bundle(store, models, COMMAND_LINE, "two")
    assert name(here) == "two"


def test_who_asks_while_the_new_one_is_opened_gets_the_new_one(
    store: Store, models: Settings, here: Answering, gate: Event
) -> None:
    assert name(here) == "one"
    use_bundle(store, models, COMMAND_LINE, "two")
    with ThreadPoolExecutor(1) as asking:
        asked = asking.submit(name, here)
        assert not here.opening().network.done()
        assert here.ready() == "two"  # what comes waits, and none is refused
        gate.set()
        assert asked.result() == "two"


def test_who_changes_their_mind_meanwhile_is_followed(
    store: Store, models: Settings, here: Answering, gate: Event
) -> None:
    assert name(here) == "one"
    use_bundle(store, models, COMMAND_LINE, "two")
    here.opening()
    use_bundle(store, models, COMMAND_LINE, "one")
    here.opening()
    gate.set()
    assert name(here) == here.ready() == "one"


def test_what_is_missing_is_told_and_found_again(
    store: Store, models: Settings, here: Answering
) -> None:
    away = models.state_dir / "away"
    (models.bundle_dirs[1] / "one").rename(away)
    for _ in range(2):
        with pytest.raises(BundleMissingError):
            here.predictor()
    with pytest.raises(BundleMissingError):
        here.ready()
    away.rename(models.bundle_dirs[1] / "one")
    assert name(here) == here.ready() == "one"


def test_where_the_new_one_is_damaged_nothing_else_answers(
    store: Store, models: Settings, here: Answering
) -> None:
    assert name(here) == "one"
    use_bundle(store, models, COMMAND_LINE, "two")
    folder = models.bundle_dirs[1] / "two"
    write_card(folder, load_bundle(folder).card.model_copy(update={"limits": "Others."}))
    with pytest.raises(DeploymentError):
        here.predictor()


def test_at_first_it_says_that_it_is_not_ready(store: Store, models: Settings, gate: Event) -> None:
    two = Answering(store, models.model_copy(update={"bundle": "two"}))
    with pytest.raises(BusyError):
        two.ready()
    gate.set()
    assert name(two) == two.ready() == "two"
    two.close()


def test_a_network_is_compiled_once_and_holds_nobody_up(
    models: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiling, go_on, made = Event(), Event(), []

    class Slow(Classifier):
        def __init__(self, bundle: Bundle, runtime: str) -> None:
            made.append(bundle.name)
            if bundle.name == "two":
                compiling.set()
                assert go_on.wait(30)
            super().__init__(bundle, runtime)

    one, two = (load_bundle(models.bundle_dirs[1] / name) for name in ("one", "two"))
    monkeypatch.setattr(compiled, "Classifier", Slow)
    with ThreadPoolExecutor(1) as other:
        slow = other.submit(at_once, 3, lambda _: open_classifier(two, models))
        assert compiling.wait(30)
        assert open_classifier(one, models).bundle.name == "one"
        go_on.set()
        assert len(set(map(id, slow.result()))) == 1
    assert sorted(made) == ["one", "two"]
