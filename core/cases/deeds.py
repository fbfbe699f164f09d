"""Each deed to a case: asked for, done once, in its turn, in one transaction with its entry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from core.access.permissions import Action, require
from core.access.rows import Account
from core.cases.sittings import Sittings, sittings
from core.errors import CaseError
from core.records import audit
from core.records.cases import events, smears
from core.records.cases.contents import Kind, Place, State
from core.records.store import Store, Transaction
from core.records.tables import CaseEventRow, CaseRow

LONGEST_ACT = 64  # characters of its id
LONGEST_REASON = 1000


@dataclass(frozen=True)
class Sent:
    """What somebody wants done.

    Attributes:
        act: its id, drawn by who sends it: however often it comes, it is done once.
    """

    act: str
    kind: Kind
    by: Account


@dataclass(frozen=True)
class Held:
    """A case that is held for a deed: nothing else is done to it meanwhile."""

    session: Transaction
    row: CaseRow
    sent: Sent

    @cached_property
    def sittings(self) -> Sittings:
        """Who reads it."""
        return sittings(self.row.rule, events.sittings(self.session, self.row.id))

    @property
    def place(self) -> Place | None:
        """As what the one who acts reads it; None where they do not."""
        return self.sittings.holders.get(self.sent.by.id)

    def require_open(self) -> None:
        """Returns if something may be done to it.

        Raises:
            CaseError: it is signed.
        """
        if self.row.state != State.OPEN:
            raise CaseError("The case is signed. Begin an amendment to change it.")

    def add(
        self,
        entry: str,
        place: Place | None = None,
        cells: Mapping[int, str | None] | None = None,
        target_id: int | None = None,
        reason: str | None = None,
        at: datetime | None = None,
        told: Mapping[str, object] | None = None,
    ) -> CaseEventRow:
        """Adds the event, and its line in the audit trail, which tells nothing of labels.

        The second reader may be somebody who reads the trail.
        """
        by = self.sent.by
        event = events.add(
            self.session,
            self.row,
            self.sent.act,
            self.sent.kind,
            by.id,
            place=place,
            cells=cells,
            target_id=target_id,
            reason=reason,
            at=at,
        )
        details: dict[str, object] = {"event": event.id, **(told or {})}
        details |= {"cells": len(cells)} if cells else {}
        details |= {"place": place.value} if place else {}
        details |= {"reason": reason} if reason else {}
        audit.add(self.session, by.username, entry, subject(self.row.id), details)
        return event


def once(
    store: Store, action: Action, case_id: int, sent: Sent, deed: Callable[[Held], CaseEventRow]
) -> int:
    """Does what was sent, or finds it done, and gives the id of its event.

    Raises:
        NotAllowedError: they may not, or not any more.
        CaseError: there is no such case; the id is none, or was another act's; or the case does
            not allow it.
        RecordError: the database cannot be written.
    """
    if not 0 < len(sent.act) <= LONGEST_ACT:
        raise CaseError(f"An act needs an id of at most {LONGEST_ACT} characters. Draw one.")
    with store.write() as session:
        require(session, sent.by, action)
        row = smears.hold(session, case_id)
        done = events.done(session, case_id, sent.act)
        if done is None:
            return deed(Held(session, row, sent)).id
        if (done.kind, done.account_id) != (sent.kind, sent.by.id):
            raise CaseError("This act's id was another act's. Load the case anew.")
        return done.id


def subject(case_id: int) -> str:
    """What the audit trail calls a case."""
    return f"case {case_id}"
