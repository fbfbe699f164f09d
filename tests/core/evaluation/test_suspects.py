"""Label suspects, against counts by hand and against the rule as the paper writes it."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.results import EvaluationResult
from core.evaluation.suspects import label_suspects
from core.taxonomy import KEYS

BASOPHIL, EOSINOPHIL, IG, MONOCYTE = (KEYS.index(k) for k in (*KEYS[:2], "ig", "monocyte"))


def catalogue(result: EvaluationResult, group: list[str] | None = None) -> pd.DataFrame:
    """The rows of a catalogue that the result could be from; each image a cell of its own."""
    paths = list(result.sample_ids)
    return pd.DataFrame(
        {
            "path": paths,
            "label": [result.classes[index] for index in result.truth],
            "sha256": [f"hash of {path}" for path in paths],
            "group": group or paths,
        }
    )


def suspects(result: EvaluationResult) -> pd.DataFrame:
    return label_suspects(result, catalogue(result))


def test_a_suspect_reaches_the_threshold_of_another_class(evaluated) -> None:
    # basophils get 0.9, 0.9 and next to nothing of their class; eosinophils get 0.8 on average
    truth = [BASOPHIL, BASOPHIL, BASOPHIL, BASOPHIL, EOSINOPHIL, EOSINOPHIL]
    predicted = [BASOPHIL, BASOPHIL, EOSINOPHIL, EOSINOPHIL, EOSINOPHIL, EOSINOPHIL]
    result = evaluated(truth, predicted, sure=[0.9, 0.9, 0.79, 0.81, 0.8, 0.8])
    found = suspects(result)
    assert found["path"].tolist() == ["basophil/0003.jpg"]
    assert found["suggested"].tolist() == ["eosinophil"]
    assert found["sha256"].tolist() == ["hash of basophil/0003.jpg"]
    assert found["quality"].tolist() == pytest.approx([(0.19 / 7 - 0.81 + 1) / 2])
    assert found["reason"].tolist() == [
        "The model says eosinophil with 81.0%, where images labelled so get 80.0% on average. "
        "The label, basophil, gets 2.7%."
    ]


def test_the_worst_come_first_in_the_shape_of_the_samples(evaluated) -> None:
    truth = [BASOPHIL] * 5 + [EOSINOPHIL] * 2
    predicted = [BASOPHIL, BASOPHIL, EOSINOPHIL, EOSINOPHIL, EOSINOPHIL, EOSINOPHIL, EOSINOPHIL]
    result = evaluated(truth, predicted, sure=[0.9, 0.9, 0.85, 0.95, 0.9, 0.8, 0.8])
    found = suspects(result)
    assert found["path"].tolist() == [f"basophil/000{i}.jpg" for i in (3, 4, 2)]
    assert found["quality"].is_monotonic_increasing
    columns = [*result.samples().columns, "sha256", "suggested", "quality", "reason"]
    assert found.columns.tolist() == columns


def test_the_rule_is_the_papers(evaluated) -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, len(KEYS), 400)
    logits = rng.normal(size=(400, len(KEYS))) + 2.5 * np.eye(len(KEYS))[truth]
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    result = evaluated(list(truth), [0] * 400, probabilities=chances)
    least = np.array([chances[truth == k, k].mean() for k in range(len(KEYS))])
    reached = chances >= least
    said = np.where(reached, chances, 0).argmax(axis=1)
    wanted = np.flatnonzero(reached.any(axis=1) & (said != truth) & (chances.argmax(1) != truth))
    found = suspects(result)
    assert sorted(found["path"]) == sorted(result.sample_ids[i] for i in wanted)
    assert len(wanted) > 3


def test_the_same_cell_under_two_labels_is_suspect_under_both(evaluated) -> None:
    result = evaluated([BASOPHIL, EOSINOPHIL, BASOPHIL], [BASOPHIL, EOSINOPHIL, BASOPHIL])
    found = label_suspects(result, catalogue(result, ["one", "one", "two"]))
    assert found["path"].tolist() == ["basophil/0000.jpg", "eosinophil/0001.jpg"]
    assert found["suggested"].tolist() == ["eosinophil", "basophil"]
    assert found["reason"].tolist()[0] == (
        "The same cell stands under another label: eosinophil, in eosinophil/0001.jpg."
    )


def test_second_shots_under_one_label_are_no_suspects(evaluated) -> None:
    result = evaluated([BASOPHIL, BASOPHIL, EOSINOPHIL], [BASOPHIL, BASOPHIL, EOSINOPHIL])
    assert label_suspects(result, catalogue(result, ["one", "one", "two"])).empty


def test_what_the_bundle_says_goes_before_the_other_label(evaluated) -> None:
    truth = [BASOPHIL, IG, MONOCYTE, MONOCYTE]
    result = evaluated(truth, [MONOCYTE, IG, MONOCYTE, MONOCYTE], sure=[0.95, 0.9, 0.9, 0.9])
    found = label_suspects(result, catalogue(result, ["one", "one", "two", "three"]))
    first = found.iloc[0]
    assert (first["true"], first["suggested"]) == ("basophil", "monocyte")
    assert first["reason"].startswith("The model says monocyte with 95.0%")
    assert first["reason"].endswith("immature granulocyte, in ig/0001.jpg.")


def test_a_class_that_the_bundle_does_not_know_is_neither_suggested_nor_suspect(
    evaluated,
) -> None:
    # the last column is of a class found only in the data: no probability, so no threshold
    truth = [BASOPHIL, BASOPHIL, EOSINOPHIL, EOSINOPHIL, 2, 2]
    chances = np.array(
        [[0.9, 0.1, 0], [0.05, 0.95, 0], [0.1, 0.9, 0], [0.6, 0.4, 0], [0.1, 0.9, 0], [0.5, 0.5, 0]]
    )
    result = evaluated(
        truth, [0] * 6, probabilities=chances, classes=("basophil", "eosinophil", "monocyte")
    )
    found = suspects(result)
    assert found["true"].tolist() == ["basophil", "eosinophil"]
    assert found["suggested"].tolist() == ["eosinophil", "basophil"]


@pytest.mark.parametrize("only", [BASOPHIL, MONOCYTE])
def test_images_of_one_class_have_nothing_to_be_held_against(evaluated, only: int) -> None:
    assert suspects(evaluated([only] * 3, [only, EOSINOPHIL, EOSINOPHIL])).empty


def test_images_of_unknown_classes_alone_have_nothing_to_be_held_against(evaluated) -> None:
    chances = np.array([[0.9, 0.1, 0], [0.1, 0.9, 0]])
    result = evaluated(
        [2, 2], [0, 1], probabilities=chances, classes=("basophil", "eosinophil", "monocyte")
    )
    assert suspects(result).empty
