"""What people say of the labels of a data set."""

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.records.tables.base import Base, now
from core.records.tables.people import AccountRow


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
