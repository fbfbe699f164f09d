"""Readings keep why: attributes and reference cells; those made before it have none."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Adds the columns."""
    op.add_column("readings", sa.Column("attributes", sa.JSON(none_as_null=True)))
    op.add_column("readings", sa.Column("reference_cells", sa.JSON(none_as_null=True)))
