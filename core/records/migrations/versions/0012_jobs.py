"""Long work of every kind is queued in the database."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Makes the table."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("outcome", sa.JSON),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("share", sa.Double, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("log", sa.Text, nullable=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id")),
        sa.Column("created", moment, nullable=False),
        sa.Column("queued", moment, nullable=False),
        sa.Column("started", moment),
        sa.Column("ended", moment),
        sa.Column("dismissed", moment),
        sa.Column("heartbeat", moment),
        sa.Column("host", sa.String(255)),
        sa.Column("pid", sa.Integer),
        sa.Column("pid_start", sa.Double),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("stop_asked", sa.Boolean, nullable=False),
    )
    op.create_index("ix_jobs_state", "jobs", ["state", "queued"])
    op.create_index("ix_jobs_subject", "jobs", ["kind", "subject", "created"])
