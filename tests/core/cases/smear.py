"""A case to try deeds on: its cells are drawn by what a model says of them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.access.accounts import Account
from core.cases import acts, readers, view
from core.cases.opening import add_image, open_case
from core.cases.standing import standing
from core.fields.find import FoundCell, FoundField
from core.prediction import CellRef, Prediction, Status
from core.records.cases.contents import Case, Place
from core.records.readings import NewReading
from core.records.store import Store
from tests.factories import make_prediction

Said = str | tuple[str, Status] | None


def drawn() -> str:
    """An id for an act."""
    return secrets.token_hex(16)


def found_cell(number: int, kind: str = "wbc", cut: bool = False) -> FoundCell:
    left = 10.0 * number
    return FoundCell((left, 0.0, left + 8.5, 8.25), kind, 0.9, cut, 12.5)


def field_of(*cells: FoundCell) -> FoundField:
    return FoundField(640, 480, 0.1, False, cells)


def prediction_of(said: str | tuple[str, Status], image: str) -> Prediction:
    label, status = (said, Status.CONFIDENT) if isinstance(said, str) else said
    return make_prediction(cell=CellRef(image, "field.png"), label=label, status=status)


def logged(store: Store, by: Account, said: Sequence[Said], image: str) -> dict[int, int]:
    """Logs what a model says of the cells of an image; gives readings by place."""
    places = [place for place, one in enumerate(said) if one is not None]
    predictions = [prediction_of(one, image) for one in said if one is not None]
    ids = store.log([NewReading(one, by.id) for one in predictions])
    return dict(zip(places, ids, strict=True))


@dataclass
class Smear:
    """A case in the database, and what its people do to it, each time as they see it."""

    store: Store
    case_id: int
    images: int = field(default=0)

    @classmethod
    def opened(cls, store: Store, by: Account, said: Sequence[Said], rule: int = 100) -> "Smear":
        """A case with one image, whose cells a model says this of."""
        smear = cls(store, open_case(store, by, "S-1", "May-Grünwald-Giemsa", rule))
        smear.add_image(by, said)
        return smear

    def add_image(self, by: Account, said: Sequence[Said]) -> str:
        """Adds an image of its own and gives its hash."""
        self.images += 1
        image = f"{self.images:064x}"
        found = field_of(*map(found_cell, range(len(said))))
        readings = logged(self.store, by, said, image)
        add_image(self.store, by, self.case_id, "field.png", image, found, readings)
        return image

    def seen(self, by: Account) -> Case:
        return view.read(self.store, by, self.case_id)

    def cells(self, by: Account) -> list[int]:
        return [cell.id for cell in self.seen(by).cells]

    def versions(self, by: Account, cells: Sequence[int], place: Place) -> dict[int, int]:
        now = standing(self.seen(by).events)
        return {cell: now.version(place, cell) for cell in cells}

    def begin(self, by: Account, place: Place = Place.FIRST) -> int:
        return readers.begin(self.store, by, self.case_id, drawn(), place)

    def end(self, by: Account) -> int:
        return readers.end(self.store, by, self.case_id, drawn())

    def label(self, by: Account, cells: Sequence[int], key: str, place: Place = Place.FIRST) -> int:
        seen = self.versions(by, cells, place)
        return acts.label(self.store, by, self.case_id, drawn(), seen, key)

    def confirm(self, by: Account, cells: Sequence[int], place: Place = Place.FIRST) -> int:
        seen = self.versions(by, cells, place)
        return acts.confirm(self.store, by, self.case_id, drawn(), seen)

    def settle(self, by: Account, cells: Sequence[int], key: str) -> int:
        seen = self.versions(by, cells, Place.SETTLER)
        return acts.settle(self.store, by, self.case_id, drawn(), seen, key)

    def undo(self, by: Account, target: int, place: Place = Place.FIRST) -> int:
        return acts.undo(self.store, by, self.case_id, drawn(), target, self._of(by, target, place))

    def redo(self, by: Account, target: int, place: Place = Place.FIRST) -> int:
        return acts.redo(self.store, by, self.case_id, drawn(), target, self._of(by, target, place))

    def read(self, by: Account, place: Place = Place.FIRST) -> None:
        """Reads it from begin to end, and says what the model does."""
        self.begin(by, place)
        self.confirm(by, self.cells(by), place)
        self.end(by)

    def _of(self, by: Account, target: int, place: Place) -> dict[int, int]:
        found = next((one for one in self.seen(by).events if one.id == target), None)
        return self.versions(by, list(found.cells), place) if found else {}
