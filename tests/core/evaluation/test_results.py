import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from core.errors import ResultMissingError, ResultStaleError
from core.evaluation.mark import bundle_mark
from core.evaluation.results import EvaluationResult, OutsideCell, load_fitting
from core.taxonomy import KEYS
from core.vision.views import NucleusView
from tests.threads import at_once


@pytest.fixture
def result(evaluated, bundle, telling):
    return evaluated(
        [0, 0, 1, 3, 6, 6],
        [0, 1, 1, 6, 3, 3],
        [0.9, 0.6, 0.8, 0.7, 0.5, 0.99],
        subtypes=("", "", "", "Myelocyte", "Band neutrophil", "Band neutrophil"),
        mark=bundle_mark(bundle.card),
        unreadable=(("ig/broken.jpg", "It is damaged."),),
        outside_kinds=("blast", "no_cell"),
        outside=np.linspace(0, 1, 12, dtype=np.float32).reshape(6, 2),
        outside_cells=(OutsideCell("blast/a.jpg", "blast", "lymphocyte", 0.5, "referred"),),
        attributes_card=telling,
        attributes=np.linspace(0, 1, 30, dtype=np.float32).reshape(6, 5),
        embedding=np.eye(6, 4, dtype=np.float16),
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
        if isinstance(value, np.ndarray):
            assert getattr(again, name).dtype == value.dtype, name
    assert again.attributes_card.values["granule_colour"] == ("nil", "pink", "red")


def test_a_file_from_before_attributes_counts_as_none(result, bundle, tmp_path):
    path = result.save(tmp_path)
    with np.load(path) as stored:
        older = {name: stored[name] for name in ("facts", "truth", "probabilities")}
    np.savez(path, **older)
    with pytest.raises(ResultMissingError):
        load_fitting(tmp_path, bundle.card, "test", "d")


def test_saving_leaves_no_part_behind_and_replaces(result, evaluated, tmp_path):
    result.save(tmp_path)
    path = evaluated([1], [1]).save(tmp_path)
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
    "change",
    [
        {"temperature": 2.0},
        {"checksums": {}},
        {"classes": KEYS[::-1]},
        {"mean": 0.1},
        {"view": NucleusView()},
        {"class_mix": {"basophil": 0.5}},
        {"outside": ("blast",)},
        {"review_below": 0.5},
        {"refer_above": 0.5},
        {"reject_above": 0.5},
        {"set_limits": {"basophil": 0.5}},
    ],
)
def test_a_result_of_another_bundle_is_refused(result, bundle, tmp_path, change):
    result.save(tmp_path)
    with pytest.raises(ResultStaleError, match="another version"):
        load_fitting(tmp_path, bundle.card.model_copy(update=change), "test", "d")


@pytest.mark.parametrize(
    "change", [{"temperature": {"granularity": 2.0}}, {"classes": ()}, {"sure_from": 0.9}]
)
def test_other_attributes_make_a_result_stale(evaluated, bundle, telling, tmp_path, change):
    card = bundle.card.model_copy(update={"attributes": telling})
    assert bundle_mark(card) != bundle_mark(bundle.card)
    evaluated([0], [0], mark=bundle_mark(card)).save(tmp_path)
    changed = telling.model_copy(update=change)
    with pytest.raises(ResultStaleError, match="another version"):
        load_fitting(tmp_path, card.model_copy(update={"attributes": changed}), "test", "d")


def test_other_code_makes_a_result_stale(result, bundle, tmp_path, monkeypatch):
    result.save(tmp_path)
    monkeypatch.setattr("core.evaluation.mark.of_code", lambda *_: "other code")
    with pytest.raises(ResultStaleError, match="another version"):
        load_fitting(tmp_path, bundle.card, "test", "d")


def test_new_figures_on_the_card_do_not_make_a_result_stale(result, bundle, tmp_path):
    result.save(tmp_path)
    card = bundle.card.model_copy(update={"metrics": {"test": {"accuracy": 1.0}}})
    assert load_fitting(tmp_path, card, "test", "d").bundle == "tiny"


def test_new_figures_of_its_attributes_do_not_either(bundle, telling):
    measured = telling.model_copy(update={"metrics": {"granularity": {"accuracy": 1.0}}})
    cards = [bundle.card.model_copy(update={"attributes": one}) for one in (telling, measured)]
    assert bundle_mark(cards[0]) == bundle_mark(cards[1])


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04 half an archive"])
def test_a_missing_or_broken_file_counts_as_none(content, bundle, tmp_path):
    if content is not None:
        (tmp_path / "tiny").mkdir()
        (tmp_path / "tiny" / "test.npz").write_bytes(content)
    with pytest.raises(ResultMissingError):
        load_fitting(tmp_path, bundle.card, "test", "d")


@pytest.mark.parametrize("round_", range(5))
def test_threads_that_save_the_same_leave_one_whole(result, tmp_path, round_):
    saved = at_once(3, lambda _: result.save(tmp_path))
    assert len(EvaluationResult.load(saved[0])) == len(result)
    assert [path.name for path in saved[0].parent.iterdir()] == [saved[0].name]
