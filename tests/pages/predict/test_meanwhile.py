"""What happens while images are read: a click, a lost right, another model, an end."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

from core.access import accounts
from core.access.accounts import COMMAND_LINE, Role
from core.analysis.deployments import use_bundle
from core.errors import LogFailedError
from core.records.store import Store
from core.settings import settings as current_settings
from pages.components.predict.predicting import BATCH
from tests.core.analysis.images import zipped
from tests.factories import make_bundle
from tests.pages.predict.steps import PAGE, box, drop, png


def between_batches(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], None]) -> None:
    """Does something each time that a batch stands in the log, before anything else is done."""
    logged = Store.log

    def log(*args: Any, **options: Any) -> list[int]:
        ids = logged(*args, **options)
        deed()
        return ids

    monkeypatch.setattr(Store, "log", log)


def test_predictions_that_were_logged_before_the_page_died_are_not_lost(
    page, bundle, open_page, monkeypatch
):
    logged = Store.log

    def once(*args, **options):
        monkeypatch.setattr(Store, "log", fail)
        return logged(*args, **options)

    def fail(*_args, **_options):
        raise LogFailedError("The disk is full.")

    monkeypatch.setattr(Store, "log", once)
    drop(page, ("cells.zip", zipped({f"{n}.png": png(n % 7) for n in range(BATCH + 5)})))
    monkeypatch.setattr(Store, "log", logged)
    again = open_page(PAGE, Role.CLINICIAN)
    assert not again.exception
    assert any(f"{BATCH} images" in m.value for m in again.markdown)


@pytest.mark.parametrize("kept", ["true", "false"])
def test_clicks_while_images_are_read_have_none_predicted_twice(
    bundle, open_page, readings, monkeypatch, kept
):
    monkeypatch.setenv("BLOODCELLS_KEEP_IMAGES", kept)
    monkeypatch.setenv("BLOODCELLS_KEEP_THUMBNAILS", kept)
    current_settings.cache_clear()
    page, clicks = open_page(PAGE, Role.CLINICIAN), []
    look = ScriptRunner._maybe_handle_execution_control_request

    def looking(runner: ScriptRunner) -> None:
        if clicks:
            raise RerunException(RerunData(page_script_hash=clicks.pop()))
        look(runner)

    monkeypatch.setattr(ScriptRunner, "_maybe_handle_execution_control_request", looking)
    between_batches(monkeypatch, lambda: clicks.append(page._page_hash))
    count = 2 * BATCH + 3
    drop(page, ("cells.zip", zipped({f"{n}.png": png(n % 7) for n in range(count)})))
    assert [one.name for one in readings()] == [f"{n}.png" for n in range(count)]
    assert not box(page).waiting
    assert not clicks
    if kept == "false":
        assert len(page.session_state["held_images"]) == count


def test_an_account_that_is_disabled_while_images_are_read_gets_no_more(
    page, store, readings, monkeypatch
):
    between_batches(monkeypatch, lambda: accounts.disable(store, "clinician"))
    drop(page, ("cells.zip", zipped({f"{n}.png": png(n % 7) for n in range(BATCH + 3)})))
    assert not page.exception
    assert len(readings()) == BATCH


def test_a_model_that_is_withdrawn_while_images_are_read_predicts_no_more(
    page, store, in_force, readings, monkeypatch
):
    make_bundle(in_force.bundle_dirs[1], name="other")
    by_tiny = [True]

    def withdraw() -> None:
        if by_tiny.pop():
            use_bundle(store, in_force, COMMAND_LINE, "other")
        by_tiny.append(False)

    between_batches(monkeypatch, withdraw)
    drop(page, ("cells.zip", zipped({f"{n}.png": png(n % 7) for n in range(BATCH + 3)})))
    assert not page.exception
    bundles = [store.reading(one.id).prediction.bundle for one in readings()]
    assert bundles == ["tiny"] * BATCH + ["other"] * 3
