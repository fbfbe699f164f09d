"""What answers in one process, following what is put into use in any.

While another model is being opened the one before goes on answering, so that a switch makes nobody
wait and refuses nobody. What cannot be opened is told to whoever asks, and tried again by the next.
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
        self._now: Opening | None = None  # open
        self._next: Opening | None = None
        self._failed: Opening | None = None  # the last one that could not be opened

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
            ProfileError: there is no profile of that name.
            RecordError: the database cannot be read.
        """
        return self.predictor_of(self.opening(), profile)

    def opening(self) -> Opening:
        """What answers: open, or on its way where nothing else can answer meanwhile.

        Raises:
            RecordError: the database cannot be read.
        """
        wanted = current(self._store, self._settings)
        with self._lock:
            self._settle(wanted)
            if self._now and self._now.is_of(wanted):
                self._now = replace(self._now, deployed=wanted)
            elif self._next is None or not self._next.is_of(wanted):
                self._next = Opening(wanted, self._opener.submit(self._open, wanted))
            found = self._now or self._next
        assert found is not None  # noqa: S101  for the type checker
        return found

    def predictor_of(self, opening: Opening, profile: str | None = None) -> Predictor:
        """The same for what ``opening`` gave."""
        classifier = opening.network.result()
        if profile:
            return Predictor(classifier, load_profile(profile, self._settings))
        return Predictor(classifier, profile_of(opening.deployed, self._settings))

    def ready(self) -> str:
        """The bundle that answers at once.

        Raises:
            BusyError: it is being opened for the first time.
            BloodCellsError: why nothing can answer.
        """
        opening = self.opening()
        if not opening.network.done():
            if self._failed and self._failed.is_of(opening.deployed):
                self._failed.network.result()  # raises: it is being tried again
            raise BusyError("The network is being opened.")
        return self.predictor_of(opening).classifier.bundle.name

    def _settle(self, wanted: Deployment) -> None:
        """Lets what has been opened answer: if it is still wanted, or nothing else can."""
        coming = self._next
        if coming is None or not coming.network.done():
            return
        self._next = None
        failed = coming.network.exception() is not None
        if coming.is_of(wanted):
            self._now, self._failed = (None, coming) if failed else (coming, None)
        elif self._now is None and not failed:
            self._now = coming

    def _open(self, deployed: Deployment) -> Classifier:
        return open_classifier(bundle_of(deployed, self._settings), self._settings)
