"""How far a bundle's evaluations on other laboratories are, and the way to those that lack."""

from dataclasses import dataclass

import streamlit as st

from core.access.permissions import Action, ask
from core.dataset.catalogue import Catalogue
from core.errors import DatasetError, DatasetMissingError, ResultMissingError, ResultStaleError
from core.evaluation import laboratory_job
from core.evaluation.laboratories import Laboratory, laboratories
from core.settings import settings
from core.vision.bundle import Bundle
from pages.components.evaluation import saved as evaluation_run
from pages.components.evaluation.saved import Evaluated
from pages.components.shared import data_set, job, resources
from pages.components.shell import guard


@dataclass(frozen=True, eq=False)
class Standing:
    """One laboratory, for one bundle.

    Attributes:
        state: in words, e.g. why it has to be evaluated again.
        catalogue: of its images, None where it has none.
        evaluated: the result that fits bundle and images.
    """

    laboratory: Laboratory
    state: str
    catalogue: Catalogue | None = None
    evaluated: Evaluated | None = None

    @property
    def waits(self) -> bool:
        """Whether it can be evaluated and is not."""
        usable = self.catalogue is not None and not self.catalogue.images.empty
        return usable and self.evaluated is None


def standings(bundle: Bundle, *, reread: bool = False) -> list[Standing]:
    """Every laboratory there is; draws progress while images are read.

    Args:
        reread: look again for new, changed and deleted files.
    """
    found = laboratories(settings().laboratories_dir)
    return [_standing(bundle, laboratory, reread) for laboratory in found]


def _standing(bundle: Bundle, laboratory: Laboratory, reread: bool) -> Standing:
    try:
        catalogue = data_set.catalogue_of(laboratory.root, reread=reread)
    except DatasetMissingError:
        return Standing(laboratory, "No class folder with images")
    except DatasetError as error:
        return Standing(laboratory, str(error))
    if catalogue.images.empty:
        return Standing(laboratory, "No image that can be used", catalogue)
    try:
        found = evaluation_run.saved(bundle, laboratory.split, catalogue.fingerprint)
    except ResultMissingError:
        return Standing(laboratory, "Not evaluated yet", catalogue)
    except ResultStaleError as error:
        return Standing(laboratory, str(error), catalogue)
    return Standing(laboratory, "Evaluated", catalogue, found)


def offer(bundle: Bundle, waiting: list[Standing]) -> None:
    """Draws the button that has these evaluated; while that goes on, how far it is."""
    there = job.draw(laboratory_job.KIND, bundle.name, action=Action.EVALUATE)
    if there and there.is_live:
        return
    count = len(waiting)
    label = f"Evaluate {count} {'laboratory' if count == 1 else 'laboratories'}"
    if st.button(label, type="primary", icon=":material/play_arrow:"):
        account = guard.require()
        names = [standing.laboratory.name for standing in waiting]
        told = {"laboratories": names}
        ask(resources.store(), account, Action.EVALUATE, bundle.name, told)
        for standing in waiting:
            data_set.catalogue_of(standing.laboratory.root, reread=True)
        laboratory_job.start(bundle.name, names, resources.queue(), account.id)
        st.rerun()
