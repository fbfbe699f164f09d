"""Readings keep the prediction set; those made before it have none."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds the column."""
    op.add_column("readings", sa.Column("prediction_set", sa.JSON(none_as_null=True)))
