"""Saved evaluations, and the way to a new one."""

from pathlib import Path

import streamlit as st

from core.access.permissions import Action, ask
from core.dataset.catalogue import Catalogue
from core.errors import ResultMissingError, ResultStaleError
from core.evaluation import job as evaluation_job
from core.evaluation.mark import bundle_mark
from core.evaluation.metrics import Metrics, summary
from core.evaluation.results import EvaluationResult, load_fitting
from core.settings import settings
from core.vision.bundle import Bundle
from core.vision.card.cautions import NOT_HELD_BACK
from core.vision.card.contents import Card
from pages.components.shared import data_set, job, resources
from pages.components.shared.words import plain
from pages.components.shell import guard

Evaluated = tuple[EvaluationResult, Metrics]


def saved(bundle: Bundle, split: str, fingerprint: str) -> Evaluated:
    """The evaluation of this very bundle on these very images, and its figures.

    Raises:
        ResultMissingError, ResultStaleError: evaluate it first.
    """
    return _saved(settings().evaluations_dir, bundle.card, split, fingerprint)


@st.cache_resource(
    max_entries=32,
    show_spinner=False,
    hash_funcs={Card: lambda card: (card.name, bundle_mark(card))},
)
def _saved(folder: Path, card: Card, split: str, fingerprint: str) -> Evaluated:
    result = load_fitting(folder, card, split, fingerprint)
    return result, summary(result)


def saved_or_offered(bundle: Bundle, split: str, catalogue: Catalogue) -> Evaluated | None:
    """The saved evaluation; where there is none that fits, says so and draws the offer of one."""
    try:
        return saved(bundle, split, catalogue.fingerprint)
    except ResultMissingError:
        st.info(f"{plain(bundle.name)} has not been evaluated on the {split} split yet.")
    except ResultStaleError as error:
        st.warning(plain(error))
    offer(bundle, split, catalogue)
    return None


def caveats(bundle: Bundle, result: EvaluationResult, catalogue: Catalogue) -> None:
    """Warns where a bundle's figures are not what they seem: drawn cells, images learnt from."""
    if result.synthetic:
        st.warning(
            "Synthetic: the images, or those that the model learnt from, are not of real cells. "
            "These figures say nothing about blood.",
            icon=":material/science:",
        )
    elif bundle.card.data.fingerprint != catalogue.fingerprint:
        st.warning(
            f"These are not exactly the images that the split of {plain(bundle.name)} was made of, "
            "so it may have learned from some of them: its figures may be too good.",
            icon=":material/rule:",
        )
    elif not bundle.card.data.held_back:
        st.warning(NOT_HELD_BACK, icon=":material/rule:")


def offer(bundle: Bundle, split: str, catalogue: Catalogue) -> None:
    """Draws the button that has it evaluated; while that goes on, how far it is."""
    there = job.draw(
        evaluation_job.KIND, evaluation_job.subject(bundle.name, split), action=Action.EVALUATE
    )
    if there and there.is_live:
        return
    images = catalogue.images
    parts = data_set.split(catalogue, bundle.card.data.split_seed)
    count = int((images["path"].map(parts) == split).sum())
    st.caption(f"{count:,} images.")
    if st.button("Evaluate now", type="primary", icon=":material/play_arrow:"):
        account = guard.require()
        ask(resources.store(), account, Action.EVALUATE, bundle.name, {"split": split})
        evaluation_job.start(
            bundle.name,
            split,
            catalogue.root,
            resources.queue(),
            account.id,
            synthetic=data_set.source().synthetic,
        )
        st.rerun()
