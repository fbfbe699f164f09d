"""How far a bundle's evaluations on other laboratories are, and the making of those that lack."""

from dataclasses import dataclass

import streamlit as st

from core.dataset.catalogue import Catalogue
from core.errors import DatasetError, ResultMissingError, ResultStaleError
from core.evaluation.laboratories import Laboratory, evaluate_on, laboratories
from core.settings import settings
from core.vision.bundle import Bundle
from core.vision.classifier import Classifier
from pages.components.evaluation import saved as evaluation_run
from pages.components.evaluation.saved import Evaluated
from pages.components.shared import data_set


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
    except DatasetError:
        return Standing(laboratory, "No class folder with images")
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
    """Draws the button that evaluates these; once pressed, shows how far it is."""
    count = len(waiting)
    label = f"Evaluate {count} {'laboratory' if count == 1 else 'laboratories'}"
    if not st.button(label, type="primary", icon=":material/play_arrow:"):
        return
    bar = st.progress(0.0, "Loading the bundle")
    classifier = Classifier(bundle, settings().runtime)
    for number, standing in enumerate(waiting, 1):
        laboratory = standing.laboratory
        catalogue = data_set.catalogue_of(laboratory.root, reread=True)
        tell = evaluation_run.teller(bar, f"Laboratory {number} of {count}: ")
        evaluate_on(laboratory, catalogue, classifier, tell).save(settings().evaluations_dir)
    st.rerun()
