"""Somebody begins to read a case, comes to the end of it, or asks for a second reader."""

from core.access.permissions import Action
from core.access.rows import Account
from core.cases.deeds import Held, Sent, once
from core.errors import CaseError
from core.records.cases.contents import Kind, Place
from core.records.store import Store
from core.records.tables import CaseEventRow


def begin(store: Store, by: Account, case_id: int, act: str, place: Place) -> int:
    """Begins to read a case as the first or the second, or takes over from a colleague.

    Raises:
        NotAllowedError: they may not.
        CaseError: there is no such case, it is signed, or its other reader is the same account;
            or no second reader is wanted.
        RecordError: the database cannot be written.
    """

    def deed(held: Held) -> CaseEventRow:
        held.require_open()
        if place not in held.sittings.wanted:
            raise CaseError("No second reader is asked for. Ask for one first.")
        if held.place not in (None, place):
            raise CaseError(
                f"You read this case as the {held.place}: somebody else must be the {place}."
            )
        return held.add("case_reading_begun", place)

    return once(store, Action.READ_CASE, case_id, Sent(act, Kind.BEGIN, by), deed)


def end(store: Store, by: Account, case_id: int, act: str) -> int:
    """Says that one has read a case as far as one will; raises as ``begin``."""

    def deed(held: Held) -> CaseEventRow:
        return held.add("case_reading_ended", begun_place(held))

    return once(store, Action.READ_CASE, case_id, Sent(act, Kind.END, by), deed)


def ask_second(store: Store, by: Account, case_id: int, act: str) -> int:
    """Asks for a second reader, who is to see nothing of the first; raises as ``begin``."""

    def deed(held: Held) -> CaseEventRow:
        held.require_open()
        if held.sittings.double:
            raise CaseError("A second reader is asked for already.")
        return held.add("second_reader_asked")

    return once(store, Action.READ_CASE, case_id, Sent(act, Kind.ASK_SECOND, by), deed)


def begun_place(held: Held) -> Place:
    """As what the one who acts is reading the case now.

    Raises:
        CaseError: it is signed, or they are not reading it.
    """
    held.require_open()
    if held.place is None or held.place not in held.sittings.begun:
        raise CaseError("You are not reading this case. Begin to read it first.")
    return held.place
