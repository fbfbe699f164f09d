import threading

import pytest

from core.analysis.ahead import chunks, map_ahead
from core.analysis.files import read_paths
from core.analysis.intake import CellImage, Refused
from tests.core.analysis.pictures import cell, encoded, zipped

PNG = encoded(cell())


def test_folders_are_walked_and_zips_opened(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.png").write_bytes(PNG)
    (tmp_path / "1.png").write_bytes(b"words")
    (tmp_path / "c.zip").write_bytes(zipped({"3.png": PNG}))
    (tmp_path / "readme.txt").write_bytes(b"not looked at")
    (tmp_path / ".hidden.png").write_bytes(b"not looked at")
    items = list(read_paths([tmp_path]))
    assert [(type(item), item.name) for item in items] == [
        (Refused, str(tmp_path / "1.png")),
        (CellImage, str(tmp_path / "b" / "2.png")),
        (CellImage, str(tmp_path / "c.zip" / "3.png")),
    ]


def test_a_missing_file_is_refused_with_its_reason(tmp_path):
    [item] = read_paths([tmp_path / "gone.png"])
    assert item.reason == "The file cannot be read: No such file or directory."


def test_work_ahead_is_bounded_and_in_order():
    begun = []
    results = map_ahead(lambda n: begun.append(n) or n * n, range(100), depth=5)
    assert next(results) == 0
    assert len(begun) <= 5
    assert list(results) == [n * n for n in range(1, 100)]


def test_work_ahead_runs_in_threads_and_passes_errors_on():
    [thread] = map_ahead(lambda _: threading.get_ident(), [0])
    assert thread != threading.get_ident()
    with pytest.raises(ZeroDivisionError):
        list(map_ahead(lambda n: 1 // n, [0]))


def test_chunks_take_nothing_early():
    taken = []
    parts = chunks((taken.append(n) or n for n in range(5)), 2)
    assert next(parts) == [0, 1]
    assert taken == [0, 1]
    assert list(parts) == [[2, 3], [4]]
