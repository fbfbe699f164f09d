"""Indices that hold all the history asks for, by time and by person."""

from alembic import op

revision = "0003"
down_revision = "0002"

ANSWER = ("label", "status", "person_label", "bundle", "confidence", "milliseconds")


def upgrade() -> None:
    """Makes the indices; a million readings take a few seconds and about 200 MB."""
    op.create_index("ix_readings_history", "readings", ["created_at", "account_id", *ANSWER])
    op.create_index("ix_readings_own_history", "readings", ["account_id", "created_at", *ANSWER])
