"""Sessions end by a number and no longer by a time, which a clock set back would undo.

Tokens from before carry none: everybody signs in once more.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Draws each account its number, and takes the time away."""
    number = sa.Column("session_number", sa.Integer, nullable=False, server_default="0")
    op.add_column("accounts", number)
    accounts = sa.table("accounts", sa.column("id"), sa.column("session_number"))
    for (account,) in op.get_bind().execute(sa.select(accounts.c.id)).all():
        own = accounts.update().where(accounts.c.id == account)
        op.execute(own.values(session_number=secrets.randbelow(2**30)))
    op.drop_column("accounts", "sessions_valid_after")
