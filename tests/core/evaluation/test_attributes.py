"""What a bundle tells is held against what people said, cell by cell."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from core.evaluation.attributes import (
    agreement,
    annotated_samples,
    attributes_report,
    mean_macro_f1,
)
from core.evaluation.metrics import summary
from core.evaluation.report import report
from core.evaluation.results import EvaluationResult
from core.morphology import ATTRIBUTES
from tests.factories import write_attributes

NEUTROPHIL, PLATELET = 6, 7
VALUES = {one.key: next(iter(one.words)) for one in ATTRIBUTES}  # granularity no


@pytest.fixture
def result(evaluated, telling) -> EvaluationResult:
    """Five cells: the third is unsure of its granules, the last is predicted as a platelet."""
    granules = [0.9, 0.1, 0.55, 0.2, 0.9]
    shares = [[no, 1 - no, 1.0, 0.0, 0.0] for no in granules]
    return evaluated(
        [NEUTROPHIL] * 5,
        [NEUTROPHIL] * 4 + [PLATELET],
        attributes_card=telling,
        attributes=np.array(shares, dtype=np.float32),
    )


@pytest.fixture
def annotated(result: EvaluationResult) -> pd.DataFrame:
    given = {"granularity": ["no", "yes", "yes", "no", "no"], "granule_colour": ["nil"] * 5}
    return pd.DataFrame(given, index=pd.Index(result.sample_ids))


def test_all_cells_count_for_macro_f1_and_the_told_for_what_is_told(result, annotated):
    told = agreement(result, annotated)["granularity"]
    predicted = ["no", "yes", "no", "yes", "no"]
    assert told.macro_f1 == f1_score(annotated["granularity"], predicted, average="macro")
    assert (told.n, told.accuracy) == (5, 0.6)
    assert (told.told, told.accuracy_told) == (3 / 5, pytest.approx(2 / 3))


def test_only_the_annotated_cells_count_whatever_their_order(result, annotated):
    told = agreement(result, annotated.iloc[[1, 0]])["granularity"]
    assert (told.n, told.macro_f1, told.accuracy_told) == (2, 1.0, 1.0)


def test_where_nothing_is_told_there_is_no_accuracy_of_it(result, annotated):
    assert agreement(result, annotated.iloc[[4]])["granularity"].accuracy_told is None


def test_the_report_has_the_mean_over_the_attributes(result, annotated):
    told = agreement(result, annotated)
    figures = attributes_report(told)
    assert list(figures["per_attribute"]) == ["granularity", "granule_colour"]
    assert figures["n"] == 5
    assert figures["mean_macro_f1"] == mean_macro_f1(told)
    assert figures["mean_macro_f1"] == (told["granularity"].macro_f1 + 1) / 2


def test_an_evaluation_reports_them_where_there_are_any(result, annotated):
    told = agreement(result, annotated)
    assert report(result, summary(result), told)["attributes"] == attributes_report(told)
    assert "attributes" not in report(result, summary(result), {})


def test_there_is_no_agreement_without_attributes_or_annotations(result, evaluated, annotated):
    assert agreement(evaluated([0], [0]), annotated) == {}
    assert agreement(result, annotated_samples(result, [])) == {}


def test_files_that_name_others_images_annotate_no_sample(result, tmp_path: Path):
    names = {"0001.jpg": VALUES, "other.jpg": VALUES}
    found = annotated_samples(result, [write_attributes(tmp_path / "a.csv", names)])
    assert found.index.tolist() == [result.sample_ids[1]]
