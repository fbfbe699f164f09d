"""Saved evaluations, and the making of a new one in sight of the user."""

import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.dataset.catalogue import Catalogue
from core.errors import ResultMissingError, ResultStaleError
from core.evaluation.evaluate import evaluate
from core.evaluation.metrics import Metrics, summary
from core.evaluation.results import EvaluationResult, bundle_mark, load_fitting
from core.settings import settings
from core.vision.bundle import Bundle
from core.vision.card.contents import Card
from core.vision.classifier import Classifier
from pages.components.shared import data_set

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
        st.info(f"{bundle.name} has not been evaluated on the {split} split yet.")
    except ResultStaleError as error:
        st.warning(str(error))
    offer(bundle, split, catalogue)
    return None


def caveats(bundle: Bundle, result: EvaluationResult, catalogue: Catalogue) -> None:
    """Warns where a bundle's figures are not what they seem: drawn cells, images learnt from."""
    if result.synthetic:
        st.warning(
            "Synthetic: the images or the bundle are drawn cells, not real ones. "
            "These figures say nothing about blood.",
            icon=":material/science:",
        )
    elif bundle.card.data.fingerprint != catalogue.fingerprint:
        st.warning(
            f"These are not exactly the images that the split of {bundle.name} was made of, so it "
            "may have learned from some of them: its figures may be too good.",
            icon=":material/rule:",
        )


def offer(bundle: Bundle, split: str, catalogue: Catalogue) -> None:
    """Draws the button that evaluates; once pressed, shows how far it is, then the answer."""
    images = catalogue.images
    parts = data_set.split(catalogue, bundle.card.data.split_seed)
    table = images[images["path"].map(parts) == split]
    st.caption(f"{len(table):,} images. Stay on this page until it is done.")
    if not st.button("Evaluate now", type="primary", icon=":material/play_arrow:"):
        return
    bar = st.progress(0.0, "Loading the bundle")
    result = evaluate(
        Classifier(bundle, settings().runtime),
        catalogue.root,
        table,
        teller(bar),
        split=split,
        data_fingerprint=catalogue.fingerprint,
        synthetic=data_set.source().synthetic,
    )
    result.save(settings().evaluations_dir)
    st.rerun()


def teller(bar: DeltaGenerator, of: str = "") -> Callable[[int, int], None]:
    """What moves a progress bar as images are answered; ``of`` stands before the count."""
    started = time.monotonic()

    def tell(done: int, total: int) -> None:
        left = (time.monotonic() - started) / done * (total - done)
        bar.progress(done / total, f"{of}{done:,} of {total:,} images, about {left:.0f} s left")

    return tell
