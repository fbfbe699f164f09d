"""Marks: what people say of labels in the data set that are in doubt.

A mark belongs to an image and the label that it has, whatever the file is called: the same image
under another label is another question. Rows are only ever added; the last one counts that its
author has not withdrawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.errors import RecordError
from core.records.spreadsheet import csv_line
from core.records.store import Store
from core.records.tables import LabelMarkRow

COLUMNS = ("path", "sha256", "label", "suggested", "verdict", "who", "when", "bundle")

Key = tuple[str, str]


class Verdict(StrEnum):
    """What a person says of a label; ``WITHDRAWN`` takes back the last that they said."""

    RIGHT = "right"
    WRONG = "wrong"
    UNSURE = "unsure"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Doubt:
    """A label in doubt.

    Attributes:
        image_hash: SHA-256 of the file, 64 hex digits.
        path: where the file is, relative to the root of the data.
        label: the class that it has.
        suggested: the class that it may have instead.
        bundle: name of the bundle that raised the doubt, None where none did.
    """

    image_hash: str
    path: str
    label: str
    suggested: str
    bundle: str | None = None

    @property
    def key(self) -> Key:
        """What marks are found by: the image and its label."""
        return self.image_hash, self.label


@dataclass(frozen=True)
class Mark:
    """What somebody (a user name) said of a label, and when."""

    doubt: Doubt
    verdict: Verdict
    by: str
    at: datetime


def add_mark(session: Session, doubt: Doubt, verdict: str, account_id: int) -> None:
    """Keeps what a person says of a label, beside all that was said before.

    Raises:
        RecordError: there is no such verdict.
    """
    if verdict not in set(Verdict):
        raise RecordError(f"There is no verdict {verdict!r}. Choose one of: {', '.join(Verdict)}.")
    session.add(LabelMarkRow(**vars(doubt), verdict=verdict, account_id=account_id))


def marks(store: Store) -> dict[Key, Mark]:
    """The mark that counts of each image and label, the oldest first.

    Raises:
        RecordError: the database cannot be read.
    """
    standing: dict[Key, list[LabelMarkRow]] = {}
    query = select(LabelMarkRow).order_by(LabelMarkRow.id)
    with store.read() as session:
        rows = session.scalars(query.options(selectinload(LabelMarkRow.account))).all()
    for row in rows:
        said = standing.setdefault((row.image_hash, row.label), [])
        if row.verdict != Verdict.WITHDRAWN:
            said.append(row)
        elif own := [other for other in said if other.account_id == row.account_id]:
            said.remove(own[-1])
    last = sorted((said[-1] for said in standing.values() if said), key=lambda row: row.id)
    return {(row.image_hash, row.label): _mark(row) for row in last}


def csv_lines(store: Store) -> Iterator[str]:
    """The marks that count as CSV, oldest first: a header, then one line an image and label.

    With who said it, whoever takes it: a team signs its work on a data set.

    Raises:
        RecordError: the database cannot be read.
    """
    yield csv_line(COLUMNS)
    for mark in marks(store).values():
        doubt = mark.doubt
        yield csv_line(
            [
                doubt.path,
                doubt.image_hash,
                doubt.label,
                doubt.suggested,
                mark.verdict.value,
                mark.by,
                mark.at,
                doubt.bundle or "",
            ]
        )


def _mark(row: LabelMarkRow) -> Mark:
    doubt = Doubt(row.image_hash, row.path, row.label, row.suggested, row.bundle)
    return Mark(doubt, Verdict(row.verdict), row.account.username, row.created_at)
