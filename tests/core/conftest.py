"""What tests of core ask for."""

from collections.abc import Callable, Iterator

import pytest

from core import fingerprint


@pytest.fixture
def change_code(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Makes a module say something else, as far as fingerprints know."""

    def change(module: str) -> None:
        other = fingerprint._AT_START[module] + b"\nSAYS_MORE = True\n"
        monkeypatch.setitem(fingerprint._AT_START, module, other)
        fingerprint.of_code.cache_clear()

    yield change
    monkeypatch.undo()
    fingerprint.of_code.cache_clear()
