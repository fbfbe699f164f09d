"""Images as they were handed in, and the work lists that readings stand on."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Makes the tables and ties the readings to them."""
    op.create_table(
        "sheets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_sheets_account_id", "sheets", ["account_id"])
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_sheets_open",
        "sheets",
        ["account_id"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "images",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("file_bytes", sa.Integer, nullable=False),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("um_per_px", sa.Double),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_images_kept_until", "images", ["kept_until"])
    # Alembic would add the foreign key apart, which SQLite cannot.
    op.execute("ALTER TABLE readings ADD COLUMN sheet_id INTEGER REFERENCES sheets (id)")
    op.add_column("readings", sa.Column("image_deleted_at", sa.DateTime(timezone=True)))
    op.create_index("ix_readings_sheet_id", "readings", ["sheet_id"])
    op.create_index("ix_readings_image_hash", "readings", ["image_hash"])
