"""What the best epoch of a run comes from."""

from dataclasses import dataclass

from core.dataset.catalogue import Catalogue
from core.training.config import TrainConfig
from core.training.loop.data import TrainingData


@dataclass(frozen=True, eq=False)
class Learnt:
    """What a run learnt from, as it was when the run began, whatever changed on disk since.

    Attributes:
        catalogue: of the images at home, those of the test among them.
        data: what was trained and validated on.
    """

    config: TrainConfig
    catalogue: Catalogue
    data: TrainingData
