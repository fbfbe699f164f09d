from pathlib import Path

from core.analysis import files
from core.analysis.files import read_paths
from core.analysis.intake import CellImage, Refused
from core.analysis.limits import UploadLimits
from core.image_files import image_files
from tests.core.analysis.images import cell, encoded, zipped

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


def test_a_path_is_reported_as_it_is(tmp_path):
    for name in ("a:.png", " b \u202e.png", "c\\d.png"):
        (tmp_path / name).write_bytes(PNG)
    assert [item.name for item in read_paths([tmp_path])] == sorted(
        str(tmp_path / name) for name in ("a:.png", " b \u202e.png", "c\\d.png")
    )


def test_a_zip_that_cannot_be_read_is_named_as_it_is(tmp_path):
    (tmp_path / "a:.zip").write_bytes(b"words")
    [item] = read_paths([tmp_path])
    assert (type(item), item.name) == (Refused, str(tmp_path / "a:.zip"))


def test_no_more_is_read_of_a_file_than_a_limit_allows():
    [item] = read_paths([Path("/dev/zero")], limits=UploadLimits(file_mb=1))
    assert isinstance(item, Refused)
    assert "larger than 1 MB" in item.reason


def test_what_goes_or_shrinks_after_the_listing_is_refused_alone(tmp_path, monkeypatch):
    for name in ("gone", "half", "whole"):
        (tmp_path / f"{name}.png").write_bytes(PNG)

    def listed(folder, also):
        found = image_files(folder, also)
        (tmp_path / "gone.png").unlink()
        (tmp_path / "half.png").write_bytes(PNG[: len(PNG) // 2])
        return found

    monkeypatch.setattr(files, "image_files", listed)
    items = {Path(item.name).stem: type(item) for item in read_paths([tmp_path])}
    assert items == {"gone": Refused, "half": Refused, "whole": CellImage}
