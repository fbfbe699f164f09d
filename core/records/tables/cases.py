"""Cases: the smears, their images and cells, and what people did to them, in order.

Of an act nothing is ever changed: what takes it back is another one.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.records.tables.base import Base, now
from core.records.tables.people import AccountRow


class CaseRow(Base):
    """One smear. ``version`` is how many events it has."""

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(primary_key=True)
    identifier: Mapped[str] = mapped_column(String(64), index=True)
    stain: Mapped[str] = mapped_column(String(64))
    rule: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=0)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    opened_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_cases_state", "state", "opened_at"),)

    account: Mapped[AccountRow] = relationship()


class CaseImageRow(Base):
    """An image of a smear. ``others``: cells that nobody labels one by one, for drawing."""

    __tablename__ = "case_images"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    image_hash: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    width: Mapped[int]
    height: Mapped[int]
    um_per_px: Mapped[float]
    um_per_px_estimated: Mapped[bool]
    others: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    added_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("case_id", "image_hash", name="uq_case_images_once"),)


class CaseCellRow(Base):
    """A white cell of an image; ``place`` is where it comes there in scan order, from 0.

    No reading: the model could not read it.
    """

    __tablename__ = "case_cells"

    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("case_images.id"))
    place: Mapped[int]
    box_left: Mapped[float]
    box_top: Mapped[float]
    box_right: Mapped[float]
    box_bottom: Mapped[float]
    diameter_um: Mapped[float]
    score: Mapped[float]
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("readings.id"))

    __table_args__ = (UniqueConstraint("image_id", "place", name="uq_case_cells_place"),)


class CaseEventRow(Base):
    """One act of one person.

    ``act`` is drawn by who sends it; ``place`` is the reader's; ``target_id`` is the act that one
    takes back or does again.
    """

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    act: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    place: Mapped[str | None] = mapped_column(String(16))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    target_id: Mapped[int | None] = mapped_column(ForeignKey("case_events.id"))
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("case_id", "act", name="uq_case_events_act"),
        Index("ix_case_events_kind", "case_id", "kind"),
    )

    account: Mapped[AccountRow] = relationship()


class CaseEventCellRow(Base):
    """A cell that an act is about, and what it calls it; None where it takes back or repeats."""

    __tablename__ = "case_event_cells"

    event_id: Mapped[int] = mapped_column(ForeignKey("case_events.id"), primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("case_cells.id"), primary_key=True, index=True)
    label: Mapped[str | None] = mapped_column(String(64))


class CaseSignatureRow(Base):
    """One signed version: the record as text, and the SHA-256 of its UTF-8 bytes."""

    __tablename__ = "case_signatures"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    version: Mapped[int]
    event_id: Mapped[int] = mapped_column(ForeignKey("case_events.id"))
    record: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("case_id", "version", name="uq_case_signatures_version"),)

    event: Mapped[CaseEventRow] = relationship()
