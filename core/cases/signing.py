"""A case is signed, for good; what is changed later makes another version beside the first."""

from core.access import signin
from core.access.permissions import Action
from core.access.rows import Account
from core.cases.count import Left, left
from core.cases.deeds import LONGEST_REASON, Held, Sent, once
from core.cases.record import text_of
from core.errors import CaseError, StaleActError
from core.records.cases import signatures, whole
from core.records.cases.contents import Event, Kind, Place, State
from core.records.store import Store
from core.records.tables import CaseEventRow, now
from core.settings import Settings


def sign(
    store: Store, by: Account, case_id: int, act: str, seen: int, password: str, settings: Settings
) -> int:
    """Signs a case with nothing left to do, as it was shown, and freezes the record of it.

    Args:
        seen: the version of the case that was shown.

    Raises:
        SignInError: the password is wrong, or the account locked; attempts count as sign-ins do.
        NotAllowedError: they may not.
        StaleActError: something was done to the case since it was shown.
        CaseError: there is no such case, it is signed already, or something is left to do.
        RecordError: the database cannot be written.
    """
    signin.prove(store, by, password, settings)

    def deed(held: Held) -> CaseEventRow:
        held.require_open()
        if held.row.version != seen:
            raise StaleActError("The case was changed since it was shown. Look at it again.")
        return _freeze(held, by)

    return once(store, Action.SIGN_CASE, case_id, Sent(act, Kind.SIGN, by), deed)


def amend(store: Store, by: Account, case_id: int, act: str, reason: str) -> int:
    """Opens a signed case again for another version; what was signed stays.

    Raises:
        NotAllowedError: they may not.
        CaseError: there is no such case, it is not signed, or the reason is missing or too long.
        RecordError: the database cannot be written.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise CaseError(f"Say in up to {LONGEST_REASON} signs why the case is amended.")

    def deed(held: Held) -> CaseEventRow:
        if held.row.state != State.SIGNED:
            raise CaseError("The case is not signed, so it can be changed as it is.")
        held.row.state = State.OPEN
        return held.add("case_amended", reason=reason)

    return once(store, Action.AMEND_CASE, case_id, Sent(act, Kind.AMEND, by), deed)


def _freeze(held: Held, by: Account) -> CaseEventRow:
    case = whole.read(held.session, held.row, tuple(Place))
    _require_done(left(case))
    last = signatures.newest(held.session, case.id)
    version = last.version + 1 if last else 1
    earlier = last.sha256 if last else None
    at = now()
    record = text_of(case, version, by, at, _reason(case.events), earlier)
    told = {"version": version, "sha256": signatures.hash_of(record)}
    event = held.add("case_signed", at=at, told=told)
    signatures.add(held.session, event, version, record)
    held.row.state = State.SIGNED
    return event


def _require_done(still: Left) -> None:
    if still.nothing:
        return
    told = {
        "readings to end": len(still.readings),
        "white cells too few": still.missing,
        "doubtful cells to look at": len(still.doubtful),
        "cells to look at": len(still.unseen),
        "unidentified cells": len(still.unidentified),
        "cells to settle": len(still.disagreements),
    }
    waiting = ", ".join(f"{number} {what}" for what, number in told.items() if number)
    raise CaseError(f"The case cannot be signed yet. Left to do: {waiting}.")


def _reason(events: tuple[Event, ...]) -> str | None:
    """Why the case was opened again last."""
    amendments = [event.reason for event in events if event.kind is Kind.AMEND]
    return amendments[-1] if amendments else None
