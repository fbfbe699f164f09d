"""The tables. A change here needs a revision under ``migrations/versions``; a test compares both.

The model's label is never overwritten: a person's label is a row of its own, beside it.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


def now() -> datetime:
    """The present moment, in UTC and aware of it."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC out; SQLite itself keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """UTC for the database.

        Raises:
            ValueError: the time has no zone, so nobody can tell what moment it means.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; use datetime.now(UTC).")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """UTC from the database, with its zone put back."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, float]: JSON(),
        dict[str, Any]: JSON(),
    }


class AccountRow(Base):
    """Somebody who may sign in. Accounts are disabled, never deleted: readings refer to them."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(128))
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str] = mapped_column(String(128))
    disabled: Mapped[bool] = mapped_column(default=False)
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    sessions_valid_after: Mapped[datetime] = mapped_column(default=now)
    last_seen: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


# with these in an index, no figure of the history needs to read a row of the table
_COUNTED = ("label", "status", "person_label", "bundle", "confidence", "milliseconds", "source")


class ReadingRow(Base):
    """One answer of a model about one cell image, as it was shown.

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
    """A small picture of a reading, apart from it so that the log's rows stay narrow."""

    __tablename__ = "thumbnails"

    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id"), primary_key=True)
    image: Mapped[bytes] = mapped_column(LargeBinary)


class HeatMapRow(Base):
    """A heat map that was shown beside a reading: 8-bit grey PNG over the whole picture."""

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


class LabelMarkRow(Base):
    """What a person says of the label that an image of the data set has; rows are only added.

    ``image_hash`` is of the file, so that a mark outlives a move; ``path`` is where it was.
    """

    __tablename__ = "label_marks"

    id: Mapped[int] = mapped_column(primary_key=True)
    image_hash: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(String(64))
    suggested: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(16))
    bundle: Mapped[str | None] = mapped_column(String(128))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)

    account: Mapped[AccountRow] = relationship()


class DeploymentRow(Base):
    """From when on which bundle answers, under which laboratory profile; rows are only added.

    The newest counts. No account: the command line, or the choice of an older installation.
    """

    __tablename__ = "deployments"

    id: Mapped[int] = mapped_column(primary_key=True)
    bundle: Mapped[str] = mapped_column(String(128))
    bundle_hash: Mapped[str | None] = mapped_column(String(64))
    profile: Mapped[str | None] = mapped_column(String(64))
    profile_hash: Mapped[str | None] = mapped_column(String(64))
    since: Mapped[datetime] = mapped_column(default=now)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))

    account: Mapped[AccountRow | None] = relationship()


class TokenRow(Base):
    """A one-time token, stored hashed. The first admin's set-up token has no account yet."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiKeyRow(Base):
    """A key with which a program acts for an account, stored hashed; revoked, never deleted."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    account: Mapped[AccountRow] = relationship()


class AuditRow(Base):
    """Who did what to whom; rows are only ever added."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(255))
    details: Mapped[dict[str, Any]]


class JobRow(Base):
    """A piece of long work, and who does it; ``core.jobs`` says what the columns mean.

    ``started`` and ``attempt`` are of the last time that it was begun, ``dismissed`` is when a
    person was done with its outcome.
    """

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(16))
    request: Mapped[dict[str, Any]]
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    message: Mapped[str] = mapped_column(Text, default="")
    share: Mapped[float] = mapped_column(default=0.0)
    text: Mapped[str] = mapped_column(Text, default="")
    log: Mapped[str] = mapped_column(Text, default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created: Mapped[datetime] = mapped_column(default=now)
    queued: Mapped[datetime] = mapped_column(default=now)
    started: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    dismissed: Mapped[datetime | None]
    heartbeat: Mapped[datetime | None]
    host: Mapped[str | None] = mapped_column(String(255))
    pid: Mapped[int | None]
    pid_start: Mapped[float | None]
    attempt: Mapped[int] = mapped_column(default=0)
    stop_asked: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("ix_jobs_state", "state", "queued"),
        Index("ix_jobs_subject", "kind", "subject", "created"),
    )

    account: Mapped[AccountRow | None] = relationship(lazy="joined")
