"""A model that a run cannot start from is refused before anything is queued."""

import pytest

from core.errors import BundleMissingError, InvalidConfigError
from core.jobs import Queue
from core.training import runs
from core.training.config import TrainConfig
from core.training.runs.starts import starts_of
from core.vision.bundle import find_bundle
from tests.factories import make_bundle


@pytest.mark.parametrize(
    ("start", "error"), [("tiny", InvalidConfigError), ("nowhere", BundleMissingError)]
)
def test_a_model_of_another_network_or_none_is_refused(
    queue: Queue, start: str, error: type[Exception]
) -> None:
    make_bundle(queue.settings.bundle_dirs[1])
    config = TrainConfig(data_dir="cells", architecture="resnet18", start=start)
    with pytest.raises(error):
        runs.start(config, queue, None)
    assert runs.list_runs(queue) == []


def test_one_of_the_same_network_is_found(queue: Queue) -> None:
    made = make_bundle(queue.settings.bundle_dirs[1])
    config = TrainConfig(data_dir="cells", architecture="efficientnet_lite0", start=made.name)
    assert [one.name for one in starts_of(config, queue.settings)] == [made.name]
    assert starts_of(TrainConfig(data_dir="cells"), queue.settings) == ()
    assert find_bundle(made.name, queue.settings).hash == made.hash
