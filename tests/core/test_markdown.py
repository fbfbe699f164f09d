"""Other people's words stand in Markdown as they are."""

import pytest

from core.markdown import code, escaped, table


def test_words_do_not_act_as_markdown() -> None:
    assert escaped("a*b* <b>c</b> [d](e) `f` $g$\n# h") == (
        "a\\*b\\* \\<b\\>c\\</b\\> \\[d\\](e) \\`f\\` \\$g\\$ \\# h"
    )


def test_an_address_stays_one() -> None:
    address = "https://example.org/white_cells/1?x=1&y=2"
    assert escaped(address) == address


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain_1.jpg", "`plain_1.jpg`"),
        ("a`b.jpg", "`` a`b.jpg ``"),
        ("``", "``` `` ```"),
        ("two\nlines.jpg", "`two\ufffdlines.jpg`"),
        ("<b>|*.jpg", "`<b>|*.jpg`"),
    ],
)
def test_a_name_is_shown_letter_by_letter(name: str, shown: str) -> None:
    assert code(name) == shown


def test_bars_in_cells_are_not_those_between_cells() -> None:
    lines = table(["a", "b"], [["1|2", code("x|y")]]).splitlines()
    assert lines == ["| a | b |", "| --- | --- |", "| 1\\|2 | `x\\|y` |"]
