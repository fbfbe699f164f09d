"""What was signed: the record as text with its hash, each version for good."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import CaseError, RecordError
from core.records.store import Store
from core.records.tables import CaseEventRow, CaseSignatureRow


@dataclass(frozen=True)
class Signature:
    """One signed version.

    Attributes:
        record: JSON with sorted keys.
        sha256: of the record's UTF-8 bytes, hex.
    """

    case_id: int
    version: int
    record: str
    sha256: str

    @property
    def is_whole(self) -> bool:
        """Whether the record is the one that was signed."""
        return hash_of(self.record) == self.sha256


def hash_of(record: str) -> str:
    """The SHA-256 of a record, hex."""
    return hashlib.sha256(record.encode()).hexdigest()


def add(session: Session, event: CaseEventRow, version: int, record: str) -> None:
    """Keeps a record with its hash."""
    row = CaseSignatureRow(
        case_id=event.case_id,
        version=version,
        event_id=event.id,
        record=record,
        sha256=hash_of(record),
    )
    session.add(row)


def newest(session: Session, case_id: int) -> Signature | None:
    """The last that was signed; None where nothing was."""
    query = select(CaseSignatureRow).where(CaseSignatureRow.case_id == case_id)
    row = session.scalar(query.order_by(CaseSignatureRow.version.desc()).limit(1))
    return _signature(row) if row else None


def versions(store: Store, case_id: int) -> int:
    """How many versions of a case were signed."""
    query = select(func.count()).where(CaseSignatureRow.case_id == case_id)
    with store.read() as session:
        return session.scalar(query) or 0


def signed(store: Store, case_id: int, version: int) -> Signature:
    """One signed version, as it was signed.

    Raises:
        CaseError: there is none.
        RecordError: its record does not fit its hash.
    """
    this = (CaseSignatureRow.case_id == case_id, CaseSignatureRow.version == version)
    with store.read() as session:
        row = session.scalar(select(CaseSignatureRow).where(*this))
    if row is None:
        raise CaseError(f"Case {case_id} has no signed version {version}.")
    found = _signature(row)
    if not found.is_whole:
        raise RecordError(
            f"Version {version} of case {case_id} is not what was signed: its record was changed. "
            "Restore the database from a backup."
        )
    return found


def _signature(row: CaseSignatureRow) -> Signature:
    return Signature(row.case_id, row.version, row.record, row.sha256)
