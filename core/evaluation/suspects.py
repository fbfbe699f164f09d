"""Label suspects: images whose label is probably wrong, for a person to judge.

Confident learning: what a class's own images get of it on average is its threshold. An image that
reaches the threshold of another class, and gets more of that class than of its label, is a
suspect. So is every image of a cell that stands under two labels.

A bundle has learnt the labels of its training split, wrong ones among them, so it finds fewer
there than on images that were held back.

Source: Northcutt, Jiang and Chuang 2021, Confident Learning: Estimating Uncertainty in Dataset
Labels, JAIR 70:1373-1411, sections 3.1 and 3.2; as computed by cleanlab.
"""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.results import EvaluationResult
from core.taxonomy import cell_class


def label_suspects(result: EvaluationResult, images: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``result.samples()`` whose label is in doubt, worst first.

    Args:
        images: the usable rows of the catalogue that the result is from.

    Returns:
        Those rows with ``sha256`` of the file, ``suggested`` (a class key), ``quality`` (of the
        label: its normalised margin, from 0 to 1; at 0.5 another class is as likely) and
        ``reason`` in words.
    """
    from cleanlab.rank import get_label_quality_scores

    table = result.samples().merge(_other_labels(images), on="path", how="left")
    table["seen"] = _seen_as(result)
    table["suggested"] = table["seen"].where(table["seen"] != "", table["other"])
    table["quality"] = get_label_quality_scores(
        result.truth, result.probabilities, method="normalized_margin"
    )
    usual = {key: table.loc[table["true"] == key, f"p_{key}"].mean() for key in result.classes}
    found = table[table["suggested"] != ""].sort_values(["quality", "path"], ignore_index=True)
    found["reason"] = [_reason(sample, usual) for sample in found.to_dict("records")]
    return found.drop(columns=["seen", "other", "twin"])


def _seen_as(result: EvaluationResult) -> np.ndarray:
    """(N,) the class that the bundle holds against the label, or "" where it holds none.

    Classes that the bundle does not know, and those without an image, have no threshold and are
    left out.
    """
    from cleanlab.filter import find_label_issues

    seen = np.full(len(result), "", dtype=object)
    known = np.intersect1d(np.flatnonzero(result.probabilities.any(axis=0)), result.truth)
    if len(known) < 2:
        return seen
    rows = np.flatnonzero(np.isin(result.truth, known))
    chances = result.probabilities[np.ix_(rows, known)]
    labels = np.searchsorted(known, result.truth[rows])
    issues = find_label_issues(labels, chances, filter_by="confident_learning", n_jobs=1)
    names = np.array(result.classes, dtype=object)
    seen[rows[issues]] = names[known[chances[issues].argmax(axis=1)]]
    return seen


def _other_labels(images: pd.DataFrame) -> pd.DataFrame:
    """``path``, ``sha256``, ``other`` and ``twin``: another label of the same cell, and its file.

    Both are "" where the cell has one label only.
    """
    table = images[["path", "sha256"]].assign(other="", twin="")
    several = images.groupby("group")["label"].transform("nunique") > 1
    for _, cell in images[several].groupby("group"):
        for index, label in cell["label"].items():
            twin = cell[cell["label"] != label].iloc[0]
            table.loc[index, ["other", "twin"]] = twin["label"], twin["path"]
    return table


def _reason(sample: Mapping[Hashable, Any], usual: Mapping[str, float]) -> str:
    seen, label, twin = sample["seen"], sample["true"], sample["twin"]
    sentences = []
    if seen:
        sentences.append(
            f"The model says {_name(seen)} with {sample[f'p_{seen}']:.1%}, where images labelled "
            f"so get {usual[seen]:.1%} on average. The label, {_name(label)}, gets "
            f"{sample[f'p_{label}']:.1%}."
        )
    if twin:
        sentences.append(
            f"The same cell stands under another label: {_name(sample['other'])}, in {twin}."
        )
    return " ".join(sentences)


def _name(key: str) -> str:
    return cell_class(key).name.lower()
