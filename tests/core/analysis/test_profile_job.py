"""Making a laboratory profile as a job: what could not be read is counted, not passed over."""

from collections.abc import Callable

import pytest

from core.access.accounts import Account, Role
from core.analysis.profile_job import start
from core.jobs import Queue, State, worker
from core.records.store import Store
from core.settings import Settings
from tests.core.analysis.images import cell, encoded
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
    files = [("a.png", encoded(cell()))] * 2 + [("b.png", b"no image")] * broken
    ended = worker.work(queue, start("ward-3", files, "tiny", queue, account(Role.SCIENTIST).id).id)
    assert ended.state == State.FAILED
    assert ("3 others" in ended.message) is told
