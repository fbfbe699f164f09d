"""Readings say which cell of which image, by which bundle exactly; referred is a status.

Until here a referred prediction had the status "review" and was told by its sentence alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

REFERRED = "Marked as possible blast or abnormal cell: refer to a haematologist."


def upgrade() -> None:
    """Adds the columns, and gives old readings their status; their sentence stays."""
    op.add_column("readings", sa.Column("um_per_px", sa.Double))
    for side in ("left", "top", "width", "height"):
        op.add_column("readings", sa.Column(f"box_{side}", sa.Integer))
    for of in ("bundle", "profile"):
        op.add_column("readings", sa.Column(f"{of}_hash", sa.String(64)))
    readings = sa.table("readings", sa.column("status"), sa.column("reason"))
    referred = sa.and_(readings.c.status == "review", readings.c.reason == REFERRED)
    op.execute(readings.update().where(referred).values(status="referred"))
