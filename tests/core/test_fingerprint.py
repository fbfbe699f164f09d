"""A fingerprint of code changes with what the code does, and with nothing else."""

import importlib
import sys
from pathlib import Path

import pytest

from core import fingerprint

SOURCE = '''"""Says two."""

def two():
    """Gives two."""
    return 2  # not three
'''


@pytest.fixture
def of_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(tmp_path)

    def of(source: str) -> str:
        (tmp_path / "says_two.py").write_text(source)
        importlib.invalidate_caches()
        sys.modules.pop("says_two", None)
        fingerprint.of_code.cache_clear()
        return fingerprint.of_code("says_two")

    return of


@pytest.mark.parametrize(
    ("changed", "is_the_same"),
    [
        (SOURCE.replace("not three", "but not three"), True),
        (SOURCE.replace("Gives two", "Gives exactly two"), True),
        (SOURCE.replace("\n\n", "\n\n\n"), True),
        (SOURCE.replace("return 2", "return 3"), False),
        (SOURCE.replace("def two()", "def two(of=1)"), False),
    ],
)
def test_what_code_does_counts_alone(of_source, changed: str, is_the_same: bool) -> None:
    assert (of_source(SOURCE) == of_source(changed)) is is_the_same


def test_a_module_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"core\.nothing"):
        fingerprint.of_code("core.nothing")
