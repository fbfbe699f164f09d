"""Attribute files are found where they may lie, and agree with each other or are refused."""

from pathlib import Path

import pytest

from core.dataset.attributes import attributes_of, find_attributes, read_attributes
from core.errors import DatasetError
from core.morphology import ATTRIBUTES
from tests.factories import write_attributes

VALUES = {one.key: next(iter(one.words)) for one in ATTRIBUTES}


@pytest.mark.parametrize("place", ["pbc/cells", "pbc/cells/wbcatt", "pbc/wbcatt", "wbcatt"])
def test_files_are_found_in_the_data_set_and_near_it(tmp_path: Path, place: str) -> None:
    (tmp_path / "pbc" / "cells").mkdir(parents=True)
    file = write_attributes(tmp_path / place / "val.csv", {"a.png": VALUES})
    write_attributes(tmp_path / "pbc" / "elsewhere.csv", {"a.png": VALUES})
    assert find_attributes(tmp_path / "pbc" / "cells") == [file]


def test_files_of_something_else_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("img_name,remark\na.png,blurred\n")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    assert find_attributes(tmp_path) == []


def test_an_image_annotated_twice_alike_counts_once(tmp_path: Path) -> None:
    files = [
        write_attributes(tmp_path / "all.csv", {"a.png": VALUES, "b.png": VALUES}),
        write_attributes(tmp_path / "val.csv", {"a.png": VALUES}),
    ]
    found = attributes_of(read_attributes(files), ["neutrophil/a.png", "neutrophil/c.png"])
    assert found.index.tolist() == ["neutrophil/a.png"]


def test_rows_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    files = [
        write_attributes(tmp_path / "all.csv", {"a.png": VALUES}),
        write_attributes(tmp_path / "val.csv", {"a.png": VALUES | {"cell_size": "small"}}),
    ]
    with pytest.raises(DatasetError, match=r"a\.png has attributes twice"):
        read_attributes(files)


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize(
    ("separator", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-8")]
)
def test_files_as_a_spreadsheet_saves_them(
    tmp_path: Path, separator: str, encoding: str, line_end: str
) -> None:
    said = VALUES | {"cytoplasm_vacuole": "No", "granularity": "TRUE"}
    lines = [separator.join(["img_name", *said]), separator.join(["b\u00e4.png", *said.values()])]
    (tmp_path / "train.csv").write_bytes(line_end.join(lines).encode(encoding))
    assert find_attributes(tmp_path) == [tmp_path / "train.csv"]
    found = read_attributes([tmp_path / "train.csv"]).loc["b\u00e4.png"]
    assert (found["cytoplasm_vacuole"], found["granularity"]) == ("no", "yes")


def test_a_row_that_two_images_could_mean_is_refused(tmp_path: Path) -> None:
    table = read_attributes([write_attributes(tmp_path / "a.csv", {"1.png": VALUES})])
    with pytest.raises(DatasetError, match=r"ig/1\.png and neutrophil/1\.png"):
        attributes_of(table, ["ig/1.png", "neutrophil/1.png", "ig/2.png"])
    assert len(attributes_of(table, ["ig/1.png", "ig/2.png", "neutrophil/2.png"])) == 1


HEAD, ROW = ";".join(["img_name", *VALUES]), ";".join(["1.png", *VALUES.values()])


@pytest.mark.parametrize(
    "lines",
    [
        [f"{HEAD};;", f"{ROW};;"],
        [HEAD, f"{ROW};"],
        [HEAD, f"{ROW};;;"],
        [HEAD, ROW, ";" * len(VALUES), "", ";" * len(VALUES)],
        ["sep=;", HEAD, ROW],
        [f"No;{HEAD};Nein", f"1;{ROW};x"],
        [HEAD, ROW.replace("1.png", '="1.png"')],
        [HEAD, ROW.replace("1.png", '"=""1.png"""')],
        [HEAD, ";".join(["1.png", *(f'="{value}"' for value in VALUES.values())])],
        [HEAD, f" {ROW} "],
    ],
)
def test_what_a_spreadsheet_adds_is_none_of_the_values(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "train.csv").write_text("\r\n".join(lines))
    assert find_attributes(tmp_path) == [tmp_path / "train.csv"]
    assert read_attributes([tmp_path / "train.csv"]).loc["1.png"].to_dict() == VALUES


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (f"{HEAD}\n{ROW}".replace("1.png", "b\u00e4.png").encode("cp1252"), "CSV UTF-8"),
        (f"{HEAD}\n{ROW}".replace(";", ",").replace("1.png", "1,2.png").encode(), "quotes"),
        (f"{HEAD}\n{ROW};more".encode(), "quotes"),
        (f"{HEAD}\n1.png;{'Nein;' * len(VALUES)}".encode(), "'nein', but can only be"),
        (f"{HEAD}\n1.png;".encode(), "'', but can only be"),
    ],
)
def test_a_file_that_cannot_be_read_is_found_and_refused(
    tmp_path: Path, data: bytes, reason: str
) -> None:
    (tmp_path / "train.csv").write_bytes(data)
    assert find_attributes(tmp_path) == [tmp_path / "train.csv"]
    with pytest.raises(DatasetError, match=reason):
        read_attributes([tmp_path / "train.csv"])
