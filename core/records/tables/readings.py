"""Readings, what people say of them, and the images that they are of.

The model's label is never overwritten: a person's label is a row of its own, beside it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.records.tables.base import Base, now
from core.records.tables.people import AccountRow

# with these in an index, no figure of the history needs to read a row of the table
_COUNTED = ("label", "status", "person_label", "bundle", "confidence", "milliseconds", "source")


class ReadingRow(Base):
    """One prediction of a model about one cell image, as it was shown.

    ``source`` is the front door: "page", "api", "gradio"; or "example" for a drawn cell.
    """

    __tablename__ = "readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    source: Mapped[str] = mapped_column(String(16))
    image_name: Mapped[str] = mapped_column(String(255))
    image_hash: Mapped[str] = mapped_column(String(64))
    um_per_px: Mapped[float | None]
    box_left: Mapped[int | None]
    box_top: Mapped[int | None]
    box_width: Mapped[int | None]
    box_height: Mapped[int | None]
    bundle: Mapped[str] = mapped_column(String(128))
    bundle_hash: Mapped[str | None] = mapped_column(String(64))
    profile: Mapped[str | None] = mapped_column(String(64))
    profile_hash: Mapped[str | None] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(64))
    confidence: Mapped[float]
    probabilities: Mapped[dict[str, float]]
    attributes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    reference_cells: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    prediction_set: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    milliseconds: Mapped[float]
    person_label: Mapped[str | None] = mapped_column(String(64))  # the last of labels that stands
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("sheets.id"), index=True)
    image_deleted_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_readings_history", "created_at", "account_id", *_COUNTED),
        Index("ix_readings_own_history", "account_id", "created_at", *_COUNTED),
        Index("ix_readings_image_hash", "image_hash"),
    )

    account: Mapped[AccountRow | None] = relationship()
    labels: Mapped[list["LabelRow"]] = relationship(order_by="LabelRow.id")
    thumbnail: Mapped["ThumbnailRow | None"] = relationship()


class SheetRow(Base):
    """The work list of one account on the Predict page; of each account one is open at most."""

    __tablename__ = "sheets"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    opened_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_sheets_open",
            "account_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    account: Mapped[AccountRow] = relationship()


class ImageRow(Base):
    """An image as it was handed in; its bytes are a file. ``kept_until`` None: until deleted."""

    __tablename__ = "images"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    file_bytes: Mapped[int]
    format: Mapped[str] = mapped_column(String(16))
    width: Mapped[int]
    height: Mapped[int]
    um_per_px: Mapped[float | None]
    stored_at: Mapped[datetime] = mapped_column(default=now)
    kept_until: Mapped[datetime | None] = mapped_column(index=True)


class ThumbnailRow(Base):
    """A small image of a reading, apart from it so that the log's rows stay narrow."""

    __tablename__ = "thumbnails"

    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id"), primary_key=True)
    image: Mapped[bytes] = mapped_column(LargeBinary)


class HeatMapRow(Base):
    """A heat map that was shown beside a reading: 8-bit grey PNG over the whole image."""

    __tablename__ = "heat_maps"

    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id"), primary_key=True)
    label: Mapped[str] = mapped_column(String(64), primary_key=True)
    method: Mapped[str] = mapped_column(String(64))
    layer: Mapped[str] = mapped_column(String(64))
    bundle: Mapped[str] = mapped_column(String(128))
    image: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)


class LabelRow(Base):
    """A class that a person gave to a reading; the last one that is not undone counts."""

    __tablename__ = "labels"

    id: Mapped[int] = mapped_column(primary_key=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    label: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)
    undone_at: Mapped[datetime | None]

    account: Mapped[AccountRow] = relationship()
