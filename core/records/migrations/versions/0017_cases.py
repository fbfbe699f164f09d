"""Cases: smears with their images and cells, what people did to them, and what was signed."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Makes the tables."""
    _make_smears()
    _make_acts()


def _make_smears() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("identifier", sa.String(64), nullable=False),
        sa.Column("stain", sa.String(64), nullable=False),
        sa.Column("rule", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_cases_identifier", "cases", ["identifier"])
    op.create_index("ix_cases_state", "cases", ["state", "opened_at"])
    op.create_table(
        "case_images",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("image_hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("um_per_px", sa.Double, nullable=False),
        sa.Column("um_per_px_estimated", sa.Boolean, nullable=False),
        sa.Column("others", sa.JSON, nullable=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("case_id", "image_hash", name="uq_case_images_once"),
    )
    op.create_table(
        "case_cells",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("image_id", sa.Integer, sa.ForeignKey("case_images.id"), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("box_left", sa.Double, nullable=False),
        sa.Column("box_top", sa.Double, nullable=False),
        sa.Column("box_right", sa.Double, nullable=False),
        sa.Column("box_bottom", sa.Double, nullable=False),
        sa.Column("diameter_um", sa.Double, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("reading_id", sa.Integer, sa.ForeignKey("readings.id")),
        sa.UniqueConstraint("image_id", "place", name="uq_case_cells_place"),
    )


def _make_acts() -> None:
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("act", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("place", sa.String(16)),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("target_id", sa.Integer, sa.ForeignKey("case_events.id")),
        sa.Column("reason", sa.Text),
        sa.UniqueConstraint("case_id", "act", name="uq_case_events_act"),
    )
    op.create_index("ix_case_events_kind", "case_events", ["case_id", "kind"])
    op.create_table(
        "case_event_cells",
        sa.Column("event_id", sa.Integer, sa.ForeignKey("case_events.id"), primary_key=True),
        sa.Column("cell_id", sa.Integer, sa.ForeignKey("case_cells.id"), primary_key=True),
        sa.Column("label", sa.String(64)),
    )
    op.create_index("ix_case_event_cells_cell_id", "case_event_cells", ["cell_id"])
    op.create_table(
        "case_signatures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("event_id", sa.Integer, sa.ForeignKey("case_events.id"), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.UniqueConstraint("case_id", "version", name="uq_case_signatures_version"),
    )
