"""What a reader does to cells: confirm, label, settle, take back, do again.

An act names each cell with its version, the number of events that its reader saw of it. Where one
has changed since, nothing is written.
"""

from collections.abc import Mapping
from functools import partial

from core.access.permissions import Action
from core.access.rows import Account
from core.cases.deeds import Held, Sent, once
from core.cases.labels import case_label, is_label
from core.cases.readers import begun_place
from core.cases.standing import Standing, standing, stands_on
from core.errors import CaseError, StaleActError
from core.prediction import Status
from core.records.cases import events, whole
from core.records.cases.contents import NAMING, Cell, Event, Kind, Place
from core.records.store import Store
from core.records.tables import CaseEventRow

Seen = Mapping[int, int]
"""Ids of cells, and the version of each that was shown (``Standing.version``)."""


def confirm(store: Store, by: Account, case_id: int, act: str, cells: Seen) -> int:
    """Calls cells what the model does, one or all that remain of a class, in one act.

    Cells that the model refers are confirmed one at a time.

    Raises:
        NotAllowedError: they may not.
        StaleActError: a cell has changed since it was shown; nothing was done.
        CaseError: there is no such case or cell, the case is signed, or they are not reading it;
            or the two readers have compared what they said of a cell, so that it is to be settled.
        RecordError: the database cannot be written.
    """
    return _name(store, case_id, Sent(act, Kind.CONFIRM, by), cells)


def label(store: Store, by: Account, case_id: int, act: str, cells: Seen, key: str) -> int:
    """Calls cells something, one or many in one act; also that they are not counted.

    Raises:
        CaseError: there is no such label; else as ``confirm``.
    """
    _require_label(key)
    return _name(store, case_id, Sent(act, Kind.LABEL, by), cells, key)


def settle(store: Store, by: Account, case_id: int, act: str, cells: Seen, key: str) -> int:
    """Says what cells are called in the end, after both readers are done.

    Raises:
        CaseError: the two are not done, or only one reads; else as ``label``.
    """
    _require_label(key)

    def deed(held: Held) -> CaseEventRow:
        held.require_open()
        _require_settling(held)
        _fresh(held, Place.SETTLER, cells)
        return held.add("cells_settled", Place.SETTLER, dict.fromkeys(cells, key))

    return once(store, Action.READ_CASE, case_id, Sent(act, Kind.LABEL, by), deed)


def undo(store: Store, by: Account, case_id: int, act: str, target_id: int, cells: Seen) -> int:
    """Takes back an act of one's own or of a colleague at the same place.

    Raises:
        CaseError: there is no such act at this place, it is taken back already, or a later one
            names its cells anew; else as ``confirm``.
    """
    sent = Sent(act, Kind.UNDO, by)
    deed = partial(_turn, target_id=target_id, cells=cells)
    return once(store, Action.READ_CASE, case_id, sent, deed)


def redo(store: Store, by: Account, case_id: int, act: str, target_id: int, cells: Seen) -> int:
    """Does again what was taken back; raises as ``undo``."""
    sent = Sent(act, Kind.REDO, by)
    deed = partial(_turn, target_id=target_id, cells=cells)
    return once(store, Action.READ_CASE, case_id, sent, deed)


def _name(store: Store, case_id: int, sent: Sent, cells: Seen, key: str | None = None) -> int:
    def deed(held: Held) -> CaseEventRow:
        place = begun_place(held)
        found, now, _ = _fresh(held, place, cells)
        _require_free(held, place, now, cells)
        if key is not None:
            return held.add("cells_labelled", place, dict.fromkeys(cells, key))
        named = {cell: _suggested(found[cell], alone=len(cells) == 1) for cell in cells}
        return held.add("cells_confirmed", place, named)

    return once(store, Action.READ_CASE, case_id, sent, deed)


def _turn(held: Held, target_id: int, cells: Seen) -> CaseEventRow:
    """Takes an act back, or does it again."""
    held.require_open()
    target = events.find(held.session, held.row.id, target_id)
    if target is None or target.kind not in NAMING or target.place is None:
        raise CaseError("There is no such act to take back.")
    place = target.place
    if place is Place.SETTLER:
        _require_settling(held)
    elif begun_place(held) is not place:
        raise CaseError("That is an act of the other reader. Take back your own.")
    _, now, past = _fresh(held, place, cells)
    if place is not Place.SETTLER:
        _require_free(held, place, now, cells)
    back = held.sent.kind is Kind.UNDO
    if cells.keys() != target.cells.keys() or (target.id in now.undone) == back:
        raise StaleActError("That act was taken back or done again since. Load the case anew.")
    if stands_on(past, target, now.undone):
        raise CaseError("A later act names a cell of it anew. Take that one back first.")
    entry = "case_act_undone" if back else "case_act_redone"
    return held.add(entry, place, dict.fromkeys(cells), target.id)


def _fresh(
    held: Held, place: Place, cells: Seen
) -> tuple[dict[int, Cell], Standing, tuple[Event, ...]]:
    """The cells, what is said of them now, and the events of it, if all are as they were shown."""
    found = whole.cells(held.session, held.row.id, cells)
    if not cells or found.keys() != cells.keys():
        raise CaseError("An act needs cells of this case. Load the case anew.")
    past = events.touching(held.session, cells)
    now = standing(past)
    stale = [cell for cell, version in cells.items() if now.version(place, cell) != version]
    if stale:
        raise StaleActError(
            f"{len(stale)} of {len(cells)} cells changed since they were shown, so nothing was "
            "done. Look at them again."
        )
    return found, now, past


def _require_free(held: Held, place: Place, now: Standing, cells: Seen) -> None:
    """Returns if a reader may still name these cells without knowing what the other said."""
    other = Place.SECOND if place is Place.FIRST else Place.FIRST
    known = [cell for cell in cells if now.of(cell).by(other) or now.of(cell).settled]
    if held.sittings.compared and known:
        raise CaseError("Both readers' labels of these cells were compared. Settle them instead.")


def _require_settling(held: Held) -> None:
    if not (held.sittings.double and held.sittings.complete):
        raise CaseError("Cells are settled after two readers are done. End both readings first.")


def _require_label(key: str) -> None:
    if not is_label(key):
        raise CaseError(f"There is no label {key!r}. Choose one of those shown.")


def _suggested(cell: Cell, *, alone: bool) -> str:
    said = cell.suggestion
    if said is None or not is_label(said.label):
        raise CaseError("The model names no class for one of these cells. Give it a label.")
    if said.status == Status.REFERRED and not alone:
        raise CaseError("Suspected cells are confirmed one at a time, or labelled.")
    return case_label(said.label).key
