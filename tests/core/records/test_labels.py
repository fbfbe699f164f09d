"""People's labels stand beside the model's; each takes back their own."""

from collections.abc import Callable

from core.records import labels
from core.records.store import Store
from core.records.tables import ReadingRow

Person = Callable[[str], int]
Label = Callable[[int, int, str], None]


def test_the_models_label_stays_beside_the_persons(
    store: Store, log: Callable[..., int], person: Person, label: Label
) -> None:
    reading_id, ann, bob = log(), person("ann"), person("bob")
    label(reading_id, ann, "ig")
    label(reading_id, bob, "neutrophil")
    found = store.reading(reading_id)
    assert (found.prediction.label, found.person_label) == ("neutrophil", "neutrophil")
    assert [(given.label, given.by) for given in found.labels] == [
        ("ig", "ann"),
        ("neutrophil", "bob"),
    ]


def test_undo_takes_back_ones_own_last_label_only(
    store: Store, log: Callable[..., int], person: Person, label: Label
) -> None:
    reading_id, ann, bob = log(), person("ann"), person("bob")

    def undo(account_id: int) -> tuple[str | None, str | None]:
        with store.write() as session:
            row = session.get_one(ReadingRow, reading_id)
            return labels.take_back(row, account_id), row.person_label

    label(reading_id, ann, "ig")
    label(reading_id, bob, "monocyte")
    assert undo(ann) == ("ig", "monocyte")
    assert undo(ann) == (None, "monocyte")
    assert undo(bob) == ("monocyte", None)
    found = store.reading(reading_id)
    assert found.person_label is None
    assert all(given.undone_at for given in found.labels)
