from dataclasses import replace

import numpy as np
import pytest

from core.errors import ComparisonError
from core.evaluation.compare import Paired, compare
from core.taxonomy import KEYS

TRUTH = [0, 0, 0, 1, 1, 3, 6, 6]
OF_A = [0, 0, 1, 1, 0, 6, 6, 3]
OF_B = [0, 1, 0, 1, 2, 3, 6, 3]


@pytest.fixture
def results(evaluated):
    """A and B on eight cells: B gains two, loses one, and is wrong on one in another way."""
    sure = [0.9, 0.5, 0.6, 0.9, 0.7, 0.8, 0.9, 0.9]
    b = evaluated(TRUTH, OF_B, sure, bundle="second")
    return evaluated(TRUTH, OF_A, subtypes=("",) * 7 + ("Band neutrophil",)), b


def _reordered(result, classes):
    """The same predictions of a bundle that lists its classes otherwise."""
    truth = [classes.index(result.classes[at]) for at in result.truth]
    columns = [result.classes.index(key) for key in classes]
    return replace(
        result,
        classes=classes,
        truth=np.array(truth),
        probabilities=result.probabilities[:, columns],
    )


def test_the_counts_are_those_of_the_cells(results):
    overall = compare(*results).overall
    assert overall == Paired(n=8, both_right=3, gained=2, lost=1)
    assert (overall.right_a, overall.right_b) == (4 / 8, 5 / 8)


def test_each_class_is_compared_on_its_own_cells(results):
    assert compare(*results).by_class == {
        "basophil": Paired(3, 1, 1, 1),
        "eosinophil": Paired(2, 1, 0, 0),
        "ig": Paired(1, 0, 1, 0),
        "neutrophil": Paired(2, 1, 0, 0),
    }


def test_changed_cells_carry_what_each_said(results):
    rows = compare(*results).changed().set_index("path")
    assert rows["change"].to_dict() == {
        "ig/0005.jpg": "gained",
        "eosinophil/0004.jpg": "changed",
        "basophil/0002.jpg": "gained",
        "basophil/0001.jpg": "lost",
    }
    gained = rows.loc["ig/0005.jpg"]
    assert gained[["true", "predicted_a", "predicted_b"]].tolist() == ["ig", "neutrophil", "ig"]
    assert gained[["confidence_a", "confidence_b"]].tolist() == [0.9, 0.8]


def test_the_cells_that_b_is_surest_of_come_first(results):
    rows = compare(*results).changed()
    assert rows["confidence_b"].tolist() == [0.8, 0.7, 0.6, 0.5]


def test_changed_cells_can_be_drawn_like_samples(results):
    a, b = results
    rows = compare(a, b).changed().set_index("path")
    shape = ["subtype", "true", "predicted", "correct", "confidence"]
    assert rows[shape].equals(b.samples().set_index("path").loc[rows.index, shape])


def test_classes_are_told_by_key_and_not_by_place(results):
    a, b = results
    same, other = compare(a, b), compare(a, _reordered(b, KEYS[::-1]))
    assert other.overall == same.overall and other.by_class == same.by_class
    assert other.changed().equals(same.changed())


def test_a_class_that_one_bundle_does_not_know_is_wrong_there(evaluated):
    """It stands behind the bundle's own classes, because the data hold it."""
    a, b = evaluated([0, 7], [0, 7]), evaluated([0, 7], [0, 1])
    known = tuple(key for key in KEYS if key != KEYS[0])
    comparison = compare(a, _reordered(b, (*known, KEYS[0])))
    assert comparison.by_class[KEYS[7]] == Paired(1, 0, 0, 1)
    assert comparison.by_class[KEYS[0]] == Paired(1, 1, 0, 0)


def test_only_what_both_have_read_is_compared(evaluated):
    a = evaluated([0, 0, 0, 1], [0, 1, 0, 1], unreadable=(("x.jpg", "damaged"), ("y.jpg", "gone")))
    ids = (a.sample_ids[0], a.sample_ids[3], "z.jpg")
    b = evaluated([0, 1, 1], [0, 1, 1], sample_ids=ids, unreadable=(("x.jpg", "damaged"),))
    comparison = compare(a, b)
    assert comparison.overall == Paired(2, 2, 0, 0)
    assert comparison.left_out == 5  # two that B lacks, one that A lacks, x and y


def test_two_that_say_the_same_differ_by_nothing(results):
    comparison = compare(results[0], results[0])
    assert comparison.changed().empty
    assert comparison.overall.difference.value == 0 and comparison.overall.p_value == 1


@pytest.mark.parametrize("field", ["data_fingerprint", "split"])
def test_other_images_are_refused(field, results):
    a, b = results
    with pytest.raises(ComparisonError, match="tiny and second .* Evaluate both on the same"):
        compare(a, replace(b, **{field: "other"}))


def test_without_a_common_image_it_says_what_to_do(evaluated):
    a, b = evaluated([0], [0]), evaluated([0], [0], sample_ids=("z.jpg",))
    with pytest.raises(ComparisonError, match="same split seed"):
        compare(a, b)


def test_interval_and_p_value_are_those_of_a_worked_example():
    """The counts of Bentur et al. 2009 that Fagerland et al. 2014 use as an example."""
    paired = Paired(n=21, both_right=1, gained=1, lost=7)
    assert paired.difference.value == pytest.approx(-0.286, abs=5e-4)
    assert paired.difference.low == pytest.approx(-0.508, abs=5e-4)
    assert paired.difference.high == pytest.approx(-0.013, abs=5e-4)
    assert paired.p_value == pytest.approx(2 * (1 + 8) / 2**8)


def test_where_no_cell_changed_sides_it_is_not_certain():
    difference = Paired(n=100, both_right=95, gained=0, lost=0).difference
    assert difference.low == -difference.high
    assert 0.02 < difference.high < 0.03


def test_the_interval_holds_the_value_and_stays_in_bounds():
    for n in (1, 2, 10, 500):
        for gained in range(0, n + 1, max(1, n // 10)):
            for lost in range(0, n + 1 - gained, max(1, n // 10)):
                found = Paired(n, 0, gained, lost).difference
                assert -1 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize("n, gained, lost", [(40, 0.05, 0.1), (2500, 0.012, 0.008)])
def test_intervals_hold_the_truth_about_as_often_as_they_say(n, gained, lost):
    rng, truth = np.random.default_rng(0), gained - lost
    drawn = rng.multinomial(n, [gained, lost, 1 - gained - lost], size=1000)
    found = [Paired(n, 0, int(up), int(down)).difference for up, down, _ in drawn]
    held = np.mean([interval.low <= truth <= interval.high for interval in found])
    assert 0.93 <= held <= 0.98


def test_the_p_value_does_not_see_a_difference_that_is_not_there():
    """Exact tests err on the careful side, so at most one in twenty."""
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(500, [0.03, 0.03, 0.94], size=1000)
    seen = [Paired(500, 0, int(up), int(down)).p_value < 0.05 for up, down, _ in drawn]
    assert 0.01 < np.mean(seen) <= 0.05
