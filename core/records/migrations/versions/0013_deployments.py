"""What answers stands in the database: which bundle, under which profile, since when, by whom."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Makes the table; an older installation's choice is taken over when it is first asked for."""
    op.create_table(
        "deployments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("bundle", sa.String(128), nullable=False),
        sa.Column("bundle_hash", sa.String(64)),
        sa.Column("profile", sa.String(64)),
        sa.Column("profile_hash", sa.String(64)),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id")),
    )
