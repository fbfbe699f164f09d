import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from core.errors import ResultMissingError, ResultStaleError
from core.evaluation.results import EvaluationResult, bundle_mark, load_fitting
from core.taxonomy import KEYS


@pytest.fixture
def result(answered, bundle):
    return answered(
        [0, 0, 1, 3, 6, 6],
        [0, 1, 1, 6, 3, 3],
        [0.9, 0.6, 0.8, 0.7, 0.5, 0.99],
        subtypes=("", "", "", "Myelocyte", "Band neutrophil", "Band neutrophil"),
        mark=bundle_mark(bundle.card),
        unreadable=(("ig/broken.jpg", "It is damaged."),),
    )


def test_confusion_is_that_of_scikit_learn(result):
    theirs = confusion_matrix(result.truth, result.predicted, labels=range(8))
    assert np.array_equal(result.confusion(), theirs)


def test_each_cell_of_the_matrix_opens_into_its_samples(result):
    for row, true in enumerate(KEYS):
        for column, predicted in enumerate(KEYS):
            opened = result.samples_in(true, predicted)
            assert len(opened) == result.confusion()[row, column]
            assert set(opened["true"]) <= {true}
            assert set(opened["predicted"]) <= {predicted}


def test_the_most_confident_error_comes_first(result):
    cell = result.samples_in("neutrophil", "ig")
    assert cell["confidence"].tolist() == [0.99, 0.5]
    assert result.errors()["confidence"].tolist() == [0.99, 0.7, 0.6, 0.5]
    assert not result.errors()["correct"].any()


def test_rows_carry_all_probabilities(result):
    rows = result.samples()
    assert rows["path"].tolist() == list(result.sample_ids)
    assert np.array_equal(rows[[f"p_{key}" for key in KEYS]], result.probabilities)


def test_saved_and_loaded_is_the_same(result, tmp_path):
    again = EvaluationResult.load(result.save(tmp_path))
    for name, value in vars(result).items():
        assert np.array_equal(getattr(again, name), value), name


def test_saving_leaves_no_part_behind_and_replaces(result, answered, tmp_path):
    result.save(tmp_path)
    path = answered([1], [1]).save(tmp_path)
    assert [file.name for file in path.parent.iterdir()] == ["test.npz"]
    assert len(EvaluationResult.load(path)) == 1


def test_a_fitting_result_is_found(result, bundle, tmp_path):
    result.save(tmp_path)
    assert len(load_fitting(tmp_path, bundle.card, "test", "d")) == 6


def test_a_result_of_other_images_is_refused(result, bundle, tmp_path):
    result.save(tmp_path)
    with pytest.raises(ResultStaleError, match="images changed"):
        load_fitting(tmp_path, bundle.card, "test", "other")


@pytest.mark.parametrize(
    "change", [{"temperature": 2.0}, {"checksums": {}}, {"classes": KEYS[::-1]}, {"mean": 0.1}]
)
def test_a_result_of_another_bundle_is_refused(result, bundle, tmp_path, change):
    result.save(tmp_path)
    with pytest.raises(ResultStaleError, match="tiny has changed"):
        load_fitting(tmp_path, bundle.card.model_copy(update=change), "test", "d")


def test_new_figures_on_the_card_do_not_make_a_result_stale(result, bundle, tmp_path):
    result.save(tmp_path)
    card = bundle.card.model_copy(update={"metrics": {"test": {"accuracy": 1.0}}})
    assert load_fitting(tmp_path, card, "test", "d").bundle == "tiny"


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04 half an archive"])
def test_a_missing_or_broken_file_counts_as_none(content, bundle, tmp_path):
    if content is not None:
        (tmp_path / "tiny").mkdir()
        (tmp_path / "tiny" / "test.npz").write_bytes(content)
    with pytest.raises(ResultMissingError):
        load_fitting(tmp_path, bundle.card, "test", "d")
