"""Making a laboratory profile as a job: what could not be read is counted, not passed over."""

from collections.abc import Callable

import pytest

from core.access.accounts import Account, Role
from core.analysis.profile_job import KIND, start
from core.errors import ProfileError
from core.jobs import Queue, State, worker
from core.records.store import Store
from core.settings import Settings
from core.vision.profiling import FEWEST_CELLS
from tests.core.analysis.images import cell, encoded, zipped
from tests.core.jobs.children import idle_queue
from tests.factories import make_bundle


@pytest.fixture
def queue(store: Store, settings: Settings) -> Queue:
    make_bundle(settings.bundle_dirs[1])
    return idle_queue(store, settings)


@pytest.mark.parametrize(("broken", "told"), [(3, True), (0, False)])
def test_what_could_not_be_read_is_counted(
    queue: Queue, account: Callable[[Role], Account], broken: int, told: bool
) -> None:
    images = {f"{number}.png": encoded(cell()) for number in range(2)}
    files = [("a.zip", zipped(images))] + [("b.png", b"no image")] * broken
    ended = worker.work(queue, start("ward-3", files, "tiny", queue, account(Role.SCIENTIST).id).id)
    assert ended.state == State.FAILED
    assert ("3 others" in ended.message) is told


def test_too_few_images_are_refused_before_any_is_read(
    queue: Queue, account: Callable[[Role], Account]
) -> None:
    few = [(f"{number}.png", encoded(cell())) for number in range(FEWEST_CELLS - 1)]
    with pytest.raises(ProfileError):
        start("ward-3", few, "tiny", queue, account(Role.SCIENTIST).id)
    assert queue.latest(KIND) is None
