"""What the page does, without Gradio: who asks, what is predicted, what a person says of it."""

from dataclasses import dataclass, field
from functools import cached_property

from apps.gradio.uploads import Uploads
from core import logs
from core.access import accounts, labels
from core.access.accounts import Account
from core.access.throttle import ATTEMPTS_PER_MINUTE, Throttle
from core.analysis.answering import Answering
from core.analysis.intake import Refused, read_image
from core.analysis.limits import UploadLimits
from core.analysis.logging import LoggedPrediction, log_given
from core.errors import ImageRefusedError, NotAllowedError, SignInError
from core.records.store import Store
from core.settings import Settings
from core.vision.card.cautions import cautions


@dataclass(frozen=True, eq=False)
class Desk:
    """Handed to every part of the page."""

    settings: Settings
    store: Store
    uploads: Uploads
    throttle: Throttle = field(default_factory=lambda: Throttle(ATTEMPTS_PER_MINUTE))

    @cached_property
    def answering(self) -> Answering:
        """What answers."""
        return Answering(self.store, self.settings)

    def account(self, username: str | None) -> Account:
        """The account of that user name, read from the database now.

        Raises:
            SignInError: there is none, or it is disabled.
        """
        found = accounts.find_by_username(self.store, username or "")
        if found is None or found.disabled:
            raise SignInError("Your account is not open any more. Ask an admin to enable it.")
        logs.bind(account_id=found.id)
        return found

    def predict_upload(self, username: str | None, name: str, path: str) -> LoggedPrediction:
        """The prediction for an upload, logged; the upload is deleted, whatever becomes of it.

        Raises:
            SignInError: the account is not open any more.
            ImageRefusedError: it gets no prediction; says why.
            BundleError: no bundle can answer.
            LogFailedError: it was not logged.
        """
        data = self.uploads.take(path, username or "")
        limits = UploadLimits.from_settings(self.settings)
        if len(data) > limits.file_bytes:
            raise ImageRefusedError(too_large(limits))
        return self.predict(username, name, data, "gradio")

    def predict(
        self, username: str | None, name: str, data: bytes, source: str
    ) -> LoggedPrediction:
        """The same for an image's bytes."""
        account = self.account(username)
        predictor = self.answering.predictor()
        image = read_image(name, data, predictor.at_least_px)
        given = predictor.predict_each([image])
        (logged,) = log_given(
            self.store, given, [image], [account.id], self.settings, source=source
        )
        if isinstance(logged, Refused):
            raise ImageRefusedError(logged.reason)
        return logged

    @property
    def cautions(self) -> list[str]:
        """What everybody must know who asks the bundle that answers, in sentences.

        Raises:
            BundleError: no bundle can answer.
        """
        return cautions(self.answering.predictor().classifier.bundle.card)

    def flag(self, username: str | None, reading_id: int, label: str) -> None:
        """Puts the person's label beside the prediction in the log.

        Raises:
            SignInError: the account is not open any more.
            RecordError: it could not be written.
            NotAllowedError: somebody else asked for this reading.
        """
        labels.give(self.store, self._own(username, reading_id), reading_id, label)

    def undo_flag(self, username: str | None, reading_id: int) -> None:
        """Takes the person's last label back; raises as ``flag``."""
        labels.take_back(self.store, self._own(username, reading_id), reading_id)

    def _own(self, username: str | None, reading_id: int) -> Account:
        account = self.account(username)
        if self.store.reading(reading_id).by != account.username:
            raise NotAllowedError("Somebody else asked for this reading. Hand your image in.")
        return account


def too_large(limits: UploadLimits) -> str:
    """What somebody reads whose image is too large, here and at the door."""
    return f"The file is larger than {limits.file_mb} MB. Save it smaller."
