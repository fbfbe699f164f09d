"""A fingerprint of code changes with what the code does, and with nothing else."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core import fingerprint

SOURCE = '''"""Says two."""

def two():
    """Gives two."""
    return 2  # not three
'''


@pytest.fixture
def of_source(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    def of(source: str) -> str:
        monkeypatch.setitem(fingerprint._AT_START, "core.says_two", source.encode())
        fingerprint.of_code.cache_clear()
        return fingerprint.of_code("core.says_two")

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
def test_what_code_does_counts_alone(
    of_source: Callable[[str], str], changed: str, is_the_same: bool
) -> None:
    assert (of_source(SOURCE) == of_source(changed)) is is_the_same


def test_a_module_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"core\.nothing"):
        fingerprint.of_code("core.nothing")


def test_a_package_is_all_that_is_in_it(change_code: Callable[[str], None]) -> None:
    whole, other = fingerprint.of_code("core.images"), fingerprint.of_code("core.image_files")
    change_code("core.images.reading")
    assert fingerprint.of_code("core.images") != whole
    assert fingerprint.of_code("core.image_files") == other


LATE = """
import sys
from pathlib import Path
from core import fingerprint
Path("core/says_two.py").write_text(sys.argv[1])
print(fingerprint.of_code("core.says_two"))
"""


def test_a_process_goes_by_the_code_that_it_began_with(tmp_path: Path) -> None:
    package = tmp_path / "core"
    package.mkdir()
    shutil.copy(fingerprint.__file__, package)
    told = []
    for before, since in ((SOURCE, SOURCE), (SOURCE, "other = 1"), ("other = 1", "other = 1")):
        (package / "says_two.py").write_text(before)
        command = [sys.executable, "-c", LATE, since]
        told.append(subprocess.check_output(command, cwd=tmp_path, text=True))
    assert told[0] == told[1] != told[2]
