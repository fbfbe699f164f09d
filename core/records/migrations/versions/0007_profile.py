"""Readings name the laboratory profile that they were given under."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds the column."""
    op.add_column("readings", sa.Column("profile", sa.String(64)))
