"""Cells that are alike lie together; a map is computed once and belongs to its result."""

import numpy as np
import pytest

from core.evaluation import cell_map as module
from core.evaluation.cell_map import MOST, can_be_mapped, cell_map, map_file


@pytest.fixture
def result(evaluated):
    """Two classes of thirty cells, far apart."""
    rng = np.random.default_rng(0)
    truth = [0] * 30 + [1] * 30
    embedding = np.eye(8)[truth] + rng.normal(0, 0.02, (60, 8))
    return evaluated(truth, truth, embedding=embedding.astype(np.float16))


def test_alike_lies_together(result, tmp_path):
    rows, places = cell_map(result, tmp_path)
    assert rows.tolist() == list(range(60))
    distance = np.linalg.norm(places[:, None] - places[None], axis=2) + 1e9 * np.eye(60)
    assert np.array_equal(result.truth[distance.argmin(axis=1)], result.truth)


def test_it_is_computed_once_and_kept_beside_the_result(result, tmp_path, monkeypatch):
    _, first = cell_map(result, tmp_path)
    assert map_file(tmp_path, result).parent == result.save(tmp_path).parent
    monkeypatch.setattr(module, "_laid_out", lambda *_: pytest.fail("computed again"))
    assert np.array_equal(cell_map(result, tmp_path)[1], first)


def test_other_embeddings_get_another_map(result, evaluated, tmp_path):
    _, first = cell_map(result, tmp_path)
    other = evaluated([0] * 60, [0] * 60, embedding=result.embedding[::-1])
    assert not np.array_equal(cell_map(other, tmp_path)[1], first)


def test_a_broken_file_is_computed_anew(result, tmp_path):
    _, first = cell_map(result, tmp_path)
    map_file(tmp_path, result).write_bytes(b"PK\x03\x04 half")
    assert np.allclose(cell_map(result, tmp_path)[1], first)


def test_of_too_many_cells_the_same_are_drawn_each_time(evaluated, tmp_path, monkeypatch):
    n = MOST + 5
    many = evaluated([0] * n, [0] * n, embedding=np.ones((n, 2), np.float16))
    monkeypatch.setattr(module, "_laid_out", lambda vectors, _: np.zeros((len(vectors), 2)))
    rows, places = cell_map(many, tmp_path)
    assert len(np.unique(rows)) == len(places) == MOST
    assert np.array_equal(cell_map(many, tmp_path)[0], rows)


def test_without_embeddings_or_cells_there_is_no_map(result, evaluated):
    assert can_be_mapped(result)
    assert not can_be_mapped(evaluated([0] * 60, [0] * 60))
    assert not can_be_mapped(evaluated([0] * 3, [0] * 3, embedding=result.embedding[:3]))
