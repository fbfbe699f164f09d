"""Deployments as rows: the newest says what answers, all of them what answered when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session, joinedload

from core.errors import DeploymentError
from core.records.store import Store
from core.records.tables import DeploymentRow


@dataclass(frozen=True)
class Deployment:
    """What answers.

    Attributes:
        bundle_hash: of the very bundle that was put into use; None where any of that name will do.
        profile: name of the laboratory profile; None for none.
        since: None where nothing was ever put into use, so that the settings' bundle answers.
        by: user name; None for the command line and for an older installation's choice.
    """

    bundle: str
    bundle_hash: str | None = None
    profile: str | None = None
    profile_hash: str | None = None
    since: datetime | None = None
    by: str | None = None

    @property
    def models(self) -> tuple[str | None, ...]:
        """What answers, whoever put it into use and when."""
        return self.bundle, self.bundle_hash, self.profile, self.profile_hash


@dataclass(frozen=True)
class Change:
    """A deployment beside the one before it: whether it brought another model, another profile."""

    deployment: Deployment
    model: bool
    profile: bool


def changes(newest_first: Sequence[Deployment], first: str) -> list[Change]:
    """What each deployment changed, in the same order.

    Args:
        first: name of the bundle that answered before anything was put into use.
    """
    before = [*newest_first[1:], Deployment(first)]
    return [
        Change(
            one,
            model=(one.bundle, one.bundle_hash) != (last.bundle, last.bundle_hash),
            profile=(one.profile, one.profile_hash) != (last.profile, last.profile_hash),
        )
        for one, last in zip(newest_first, before, strict=False)
    ]


def newest(session: Session) -> Deployment | None:
    """The one that counts; None where nothing was ever put into use."""
    row = session.scalar(_QUERY.limit(1))
    return None if row is None else _from_row(row)


def newest_first(store: Store) -> list[Deployment]:
    """Every deployment there was.

    Raises:
        RecordError: the database cannot be read.
    """
    with store.read() as session:
        return [_from_row(row) for row in session.scalars(_QUERY)]


def in_turn(session: Session) -> None:
    """Lets one transaction at a time decide what answers; SQLite does so by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE deployments IN EXCLUSIVE MODE"))


def require_unused(session: Session, bundle: str) -> None:
    """Returns if that bundle is not in use; until the transaction ends it cannot be put into use.

    Raises:
        DeploymentError: it is.
    """
    in_turn(session)
    now = newest(session)
    if now is not None and now.bundle == bundle:
        raise DeploymentError(f"Model {bundle} is in use. Put another into use first.")


def add(session: Session, chosen: Deployment, account_id: int | None) -> None:
    """Makes it the one that counts, from now on."""
    bundle, bundle_hash, profile, profile_hash = chosen.models
    session.add(
        DeploymentRow(
            bundle=bundle,
            bundle_hash=bundle_hash,
            profile=profile,
            profile_hash=profile_hash,
            account_id=account_id,
        )
    )


_QUERY = (
    select(DeploymentRow)
    .order_by(DeploymentRow.id.desc())
    .options(joinedload(DeploymentRow.account))
)


def _from_row(row: DeploymentRow) -> Deployment:
    by = row.account.username if row.account else None
    return Deployment(row.bundle, row.bundle_hash, row.profile, row.profile_hash, row.since, by)
