"""A file's name can neither begin a line of its own nor move the terminal's cursor."""

import pytest

from apps.cli.terminal import refuse, tell

NAME = "a\nb\x1b[2J\u202egpj.\udce9 ü 中.jpg"
SHOWN = "a\\nb\\x1b[2J\\u202egpj.\\udce9 ü 中.jpg\n"


def test_a_name_stands_in_one_line_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    tell(NAME)
    assert capsys.readouterr() == (SHOWN, "")
    tell(NAME, wrong=True)
    assert capsys.readouterr() == ("", SHOWN)


@pytest.mark.parametrize("error", [ValueError(NAME), OSError(2, NAME), OSError(2, "gone", NAME)])
def test_so_does_an_error(capsys: pytest.CaptureFixture[str], error: Exception) -> None:
    def run() -> None:
        raise error

    with pytest.raises(SystemExit):
        refuse(run, ValueError)
    told = capsys.readouterr().err
    assert SHOWN.strip() in told
    assert told.count("\n") == 1
