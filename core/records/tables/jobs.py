"""Long work."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.records.tables.base import Base, now
from core.records.tables.people import AccountRow


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
