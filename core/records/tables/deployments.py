"""What was put into use."""

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.records.tables.base import Base, now
from core.records.tables.people import AccountRow


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
