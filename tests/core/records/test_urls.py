"""A database URL that cannot be used is told in one line, and without its password."""

from pathlib import Path

import pytest

from core.errors import RecordError, SettingsError
from core.records.engine import open_engine
from core.records.schema import migrate

SECRET = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        f"foo://me:{SECRET}@host/name",
        f"postgresql+none://me:{SECRET}@host/name",
        f"postgresql://me@host:{SECRET}/name",
        f"mssql+pymssql://me:{SECRET}@host/name",  # its driver is not installed
    ],
)
def test_a_wrong_url_is_told(url: str) -> None:
    with pytest.raises(SettingsError, match="BLOODCELLS_DATABASE_URL") as told:
        open_engine(url)
    assert SECRET not in str(told.value) and "\n" not in str(told.value)
    assert told.value.__suppress_context__


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordError, match="BLOODCELLS_STATE_DIR"):
        migrate(f"sqlite:///{tmp_path}/file/app.db")
