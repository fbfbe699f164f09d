"""What answers in one process, following what is put into use in any.

Whoever asks after a switch waits until the other model is open, a second or two: a model that was
withdrawn predicts nothing more. What cannot be opened is told to whoever asks, and tried again by
the next.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock

from core.analysis.compiled import open_classifier
from core.analysis.deployments import bundle_of, current, profile_of
from core.analysis.predictor import Predictor
from core.analysis.profiles import load_profile
from core.errors import BusyError
from core.records.deployments import Deployment
from core.records.store import Store
from core.settings import Settings
from core.vision.classifier import Classifier


@dataclass(frozen=True)
class Opening:
    """A deployment and its network, which may still be on the way."""

    deployed: Deployment
    network: Future[Classifier]

    def is_of(self, wanted: Deployment) -> bool:
        """Whether it is that bundle, whatever the profile."""
        return self.deployed.models[:2] == wanted.models[:2]


class Answering:
    """Gives the predictor of what is in use; safe to share by threads."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._lock = Lock()
        self._opener = ThreadPoolExecutor(1, "opener")
        self._last: Opening | None = None
        self._failed: Opening | None = None  # the last one that could not be opened
        self._served = False  # whether any was open before

    def close(self) -> None:
        """Waits for a network that is being opened."""
        self._opener.shutdown()

    def predictor(self, profile: str | None = None) -> Predictor:
        """The predictor of what is in use; waits where nothing is open yet.

        Args:
            profile: name of another laboratory profile to predict under than the one in use.

        Raises:
            BundleError: it is missing or damaged; the next call tries again.
            DeploymentError: it, or its profile, is another than was put into use.
            ProfileError: there is no profile of that name, or another bundle made it.
            RecordError: the database cannot be read.
        """
        return self.predictor_of(self.opening(), profile)

    def opening(self) -> Opening:
        """What is in use: open, or on its way.

        Raises:
            RecordError: the database cannot be read.
        """
        wanted = current(self._store, self._settings)
        with self._lock:
            last = self._last
            if last and last.network.done():
                failed = last.network.exception() is not None
                self._failed = last if failed else None
                self._served = self._served or not failed
            if last is None or last is self._failed or not last.is_of(wanted):
                last = Opening(wanted, self._opener.submit(self._open, wanted))
            self._last = replace(last, deployed=wanted)
            return self._last

    def predictor_of(self, opening: Opening, profile: str | None = None) -> Predictor:
        """The same for what ``opening`` gave."""
        classifier = opening.network.result()
        if profile:
            return Predictor(classifier, load_profile(profile, self._settings))
        return Predictor(classifier, profile_of(opening.deployed, self._settings))

    def ready(self) -> str:
        """The bundle that answers: at once, or after a switch as soon as it is open.

        Raises:
            BusyError: it is being opened for the first time.
            BloodCellsError: why nothing can answer.
        """
        opening = self.opening()
        if not opening.network.done():
            if self._failed and self._failed.is_of(opening.deployed):
                self._failed.network.result()  # raises: it is being tried again
            if not self._served:
                raise BusyError("The network is being opened.")
            return opening.deployed.bundle
        return self.predictor_of(opening).classifier.bundle.name

    def _open(self, deployed: Deployment) -> Classifier:
        return open_classifier(bundle_of(deployed, self._settings), self._settings)
