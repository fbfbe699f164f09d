"""Rows as CSV that a spreadsheet may open."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOM = "\ufeff"  # without it, Excel takes UTF-8 for the code page of its country


def csv_line(cells: Iterable[object]) -> str:
    """One line of CSV, its end included.

    Lists and dictionaries are JSON, times ISO 8601 to the second, text is ``defused``.
    """
    line = io.StringIO()
    csv.writer(line).writerow([_cell(value) for value in cells])
    return line.getvalue()


def csv_file(lines: Iterable[str]) -> str:
    """The text of a CSV file that people open in a spreadsheet."""
    return _BOM + "".join(lines)


def defused(text: str) -> str:
    """The text as a spreadsheet may open it: what it would run as a formula gets a quote.

    Source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cell(value: object) -> object:
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return defused(value) if isinstance(value, str) else value
