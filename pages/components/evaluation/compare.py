"""Is another bundle really better on this split, for which classes, and on which cells?"""

import streamlit as st

from core.dataset.catalogue import Catalogue
from core.evaluation.compare import Comparison, Paired, compare
from core.evaluation.results import EvaluationResult
from core.settings import settings
from core.taxonomy import cell_class
from core.vision.bundle import Bundle, bundle_folders, find_bundle
from pages.components.evaluation import changed, differences
from pages.components.evaluation import saved as evaluation_run
from pages.components.shared import charts, resources
from pages.components.shared.words import plain

EXPLAINED = """
- **Points** are percentage points. Both models predicted the same cells, so only the cells that one
  has right and the other wrong count. In brackets stands a paired 95% interval
  (Bonett and Price 2012).
- **p** is McNemar's exact test: if neither model were better, chance alone would part them this
  far or further so often. From 0.05 on it could be chance. The interval is computed in another
  way: at the border the two may disagree, and the test is the more careful one.
- Each image counts as a case of its own. Where many are of one person, chance does more than told.
- Two models are compared, not two ways of training: trained once more, either may come out
  otherwise. Choose a model on the validation split; the figures of the test split flatter the one
  that was chosen by them.
"""


def comparison(bundle: Bundle, split: str, catalogue: Catalogue, result: EvaluationResult) -> None:
    """Draws the menu of the other bundles and what the chosen one changes.

    Args:
        bundle: the one that the page shows, called A.
        result: its evaluation on that split.
    """
    others = [name for name, at in bundle_folders(settings()).items() if at != bundle.folder]
    if not others:
        st.info("There is no other model to compare with yet. Train one: it comes here.")
        st.page_link("pages/training.py", label="Go to training", icon=":material/model_training:")
        return
    in_use = resources.deployed().bundle
    others.sort(key=lambda name: name != in_use)
    name = st.selectbox(
        f"B, compared with A ({plain(bundle.name)})",
        others,
        key="compared",
        bind="query-params",
        width=420,
    )
    other = find_bundle(name, settings())
    evaluated = evaluation_run.saved_or_offered(other, split, catalogue)
    if evaluated is None:
        return
    evaluation_run.caveats(other, evaluated[0], catalogue)
    found = compare(result, evaluated[0])
    _headline(found.overall, bundle.name, other.name)
    _left_out(found, split, bundle, other)
    _unknown(found, bundle, other)
    if found.changed().empty:
        st.info("A and B say the same of every cell: no cell is discordant.")
        return
    _by_class(found)
    changed.changed(found, catalogue.root)


def _headline(overall: Paired, a: str, b: str) -> None:
    figures = [
        (
            f"A: {plain(a)}",
            f"{overall.right_a:.1%}",
            f"{overall.both_right + overall.lost:,} right",
        ),
        (
            f"B: {plain(b)}",
            f"{overall.right_b:.1%}",
            f"{overall.both_right + overall.gained:,} right",
        ),
        (
            "B minus A, in points",
            differences.signed(overall.difference.value),
            f"{differences.limits(overall.difference)} (95% interval)",
        ),
        (
            "Discordant",
            f"{overall.gained + overall.lost:,}",
            f"{overall.gained:,} gained, {overall.lost:,} lost by B",
        ),
    ]
    for column, (label, value, note) in zip(st.columns(4), figures, strict=True):
        with column.container(border=True, gap="xxsmall", height="stretch"):
            st.metric(label, value)
            st.caption(note)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{differences.in_words(overall)}**", width="content")
        with st.popover("How?", type="tertiary", help="How is this computed?"):
            st.markdown(EXPLAINED)


def _left_out(found: Comparison, split: str, a: Bundle, b: Bundle) -> None:
    if not found.left_out:
        return
    why = "not both models have read them"
    if a.card.data.split_seed != b.card.data.split_seed:
        why = f"the split seeds differ, so only what is in the {split} split of both counts"
    st.caption(f"Images left out: {found.left_out:,}, for {why}.")


def _unknown(found: Comparison, a: Bundle, b: Bundle) -> None:
    for letter, bundle in (("A", a), ("B", b)):
        unknown = [cell_class(key).name for key in found.by_class if key not in bundle.card.classes]
        if unknown:
            st.caption(f"{letter} does not know {', '.join(unknown)}: it has all of those wrong.")


def _by_class(found: Comparison) -> None:
    st.subheader("For which classes")
    charts.draw(
        differences.chart_of(found.by_class),
        key="differences",
        alt="Recall of B minus recall of A, by true class, with 95% intervals.",
    )
    count = len(found.by_class)
    st.caption(
        "Lines are paired 95% intervals; one that reaches zero says that chance alone may be why. "
        f"Were A and B alike, at least one of {count} lines would still miss zero in about "
        f"{1 - 0.95**count:.0%} of comparisons."
    )
    st.dataframe(differences.table_of(found.by_class, found.overall), height="content")
