"""Upgrades the database that the settings name: ``python -m core.records``."""

import sys

from core import logs
from core.errors import BloodCellsError
from core.records.schema import migrate
from core.settings import settings

if __name__ == "__main__":
    try:
        logs.set_up(settings().log_level, settings().log_format)
        migrate(settings().database)
    except BloodCellsError as error:
        sys.exit(str(error))
    sys.stdout.write("The database has the schema of this code.\n")
