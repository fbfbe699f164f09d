"""A case as somebody may see it."""

from core.access.rows import Account
from core.cases.sittings import sittings
from core.records.cases import events, smears, whole
from core.records.cases.contents import Case
from core.records.history.filter import Viewer
from core.records.store import Store


def read(store: Store, by: Account, case_id: int) -> Case:
    """A case without what its viewer may not know: the other reader's acts, and names.

    Raises:
        CaseError: there is no such case.
        RecordError: the database cannot be read.
    """
    with store.read() as session:
        row = smears.find(session, case_id)
        readers = sittings(row.rule, events.sittings(session, case_id))
        names = Viewer(by.role, by.id).sees_names
        return whole.read(session, row, readers.shown_to(by.id), names)
