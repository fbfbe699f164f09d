"""A CSV for people says that it is UTF-8."""

from core.records.spreadsheet import csv_file, csv_line


def test_a_spreadsheet_knows_the_encoding() -> None:
    data = csv_file([csv_line(["M\u00fcller", 1])]).encode()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig") == "M\u00fcller,1\r\n"
