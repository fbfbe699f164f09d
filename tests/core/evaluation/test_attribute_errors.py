"""Errors are counted by the look of their cells, and each count opens into them."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.attribute_errors import (
    attribute_errors,
    attribute_values,
    cells_in_words,
    errors_with,
)
from core.shares import exact_limits

NEUTROPHIL, EOSINOPHIL, PLATELET, IG = 6, 1, 7, 3
NONE = pd.DataFrame()


@pytest.fixture
def result(evaluated, telling):
    """Ten neutrophils, of whose four errors three are without granules, and a platelet.

    Of the right ones a single one is without, and one is unsure.
    """
    granular = [0.1, 0.1, 0.1, 0.9, 0.1, 0.9, 0.9, 0.9, 0.9, 0.5, 0.1]
    shares = [[1 - yes, yes, 0.4, 0.3, 0.3] for yes in granular]
    truth = [NEUTROPHIL] * 10 + [PLATELET]
    said = [IG, IG, PLATELET, IG, *[NEUTROPHIL] * 6, IG]
    return evaluated(
        truth, said, attributes_card=telling, attributes=np.array(shares, dtype=np.float32)
    )


def test_what_errors_have_more_often_than_right_predictions_comes_first(result):
    table = attribute_errors(result, attribute_values(result, NONE))
    first = table.iloc[0]
    assert first[["true", "attribute", "value"]].tolist() == ["neutrophil", "granularity", "no"]
    assert first[["errors", "class_errors", "cells", "class_cells"]].tolist() == [3, 4, 4, 9]
    assert (first["error_rate"], first["low"], first["high"]) == (0.75, *exact_limits(3, 4))
    assert first["lift"] == pytest.approx((3 / 4) / (4 / 9))
    assert first["surplus"] == pytest.approx(3 - 4 * 1 / 5)
    assert table["value"].tolist() == ["no", "yes"]
    assert table["surplus"].iloc[1] == pytest.approx(1 - 4 * 4 / 5)


def test_a_row_opens_into_its_errors(result):
    values = attribute_values(result, NONE)
    for row in attribute_errors(result, values).to_dict("records"):
        opened = errors_with(result, values, row)
        assert len(opened) == row["errors"]
        assert not opened["correct"].any()
        assert set(opened["true"]) == {row["true"]}
        assert set(values.loc[opened["path"], row["attribute"]]) == {row["value"]}


def test_a_row_opens_into_errors_of_its_class_alone(evaluated, telling):
    shares = np.array([[1.0, 0, 1, 0, 0]] * 2, dtype=np.float32)
    truth = [NEUTROPHIL, EOSINOPHIL]
    result = evaluated(truth, [IG, IG], attributes_card=telling, attributes=shares)
    row = {"true": "eosinophil", "attribute": "granularity", "value": "no"}
    opened = errors_with(result, attribute_values(result, NONE), row)
    assert opened["path"].tolist() == [result.sample_ids[1]]


def test_unsure_values_and_classes_not_learnt_from_are_not_known(result):
    values = attribute_values(result, NONE)
    assert values["granularity"].isna().tolist() == [False] * 9 + [True, True]
    assert values["granule_colour"].isna().all()


def test_what_people_said_goes_before_what_the_bundle_tells(result):
    paths = [result.sample_ids[0], result.sample_ids[10]]
    given = {"granularity": ["yes", "no"], "cell_size": ["big", "small"]}
    values = attribute_values(result, pd.DataFrame(given, index=pd.Index(paths, name="path")))
    assert values["granularity"].iloc[[0, 1, 10]].tolist() == ["yes", "no", "no"]
    assert values["cell_size"].count() == 2


def test_without_a_right_prediction_nothing_is_more_often(result, evaluated, telling):
    shares = np.array([[1.0, 0, 1, 0, 0]], dtype=np.float32)
    wrong = evaluated([NEUTROPHIL], [IG], attributes_card=telling, attributes=shares)
    table = attribute_errors(wrong, attribute_values(wrong, NONE))
    assert table["surplus"].isna().all()
    assert table["lift"].tolist() == [1.0, 1.0]


def test_without_attributes_there_is_no_row(evaluated):
    result = evaluated([NEUTROPHIL], [IG])
    assert attribute_errors(result, attribute_values(result, NONE)).empty


@pytest.mark.parametrize(
    ("attribute", "value", "words"),
    [
        ("granularity", "no", "Neutrophils without visible granules"),
        ("nucleus_shape", "unsegmented-band", "Neutrophils, nucleus band-shaped"),
        ("cytoplasm_vacuole", "yes", "Neutrophils, vacuoles present"),
    ],
)
def test_groups_are_named_in_words(attribute, value, words):
    assert cells_in_words("neutrophil", attribute, value) == words
