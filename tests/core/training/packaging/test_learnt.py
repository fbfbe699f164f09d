"""What the models before a run learnt from counts as what it learnt from."""

from pathlib import Path

import numpy as np
import pytest

from core.dataset.catalogue import Catalogue
from core.training.config import FurtherData, TrainConfig
from core.training.loop.data import Images, TrainingData
from core.training.packaging.card import first_card
from core.training.packaging.learnt import Learnt
from core.vision.card.contents import Card, DataCard, FurtherCells
from tests.core.dataset.test_splits import made_up
from tests.factories import make_card

HOME = made_up(20)


def cells(source: str, **fields: object) -> FurtherCells:
    known = {"images": 7, "licence": f"of {source}", "citation": f"by {source}"}
    return FurtherCells(source=source, **known | fields)  # type: ignore[arg-type]


def parent(*further: FurtherCells, catalogue: Catalogue = HOME, **fields: object) -> Card:
    data = DataCard(
        source="folder before",
        fingerprint=catalogue.fingerprint,
        split_seed=0,
        images={"train": 50},
        per_class={},
        licence="of before",
        citation="by before",
        further=further,
    )
    return make_card(data=data.model_copy(update=fields))


def card_of(tmp_path: Path, *parents: Card, further: tuple[str, ...] = ()) -> Card:
    rows = np.arange(len(HOME.images))
    data = TrainingData(
        Images(np.zeros((len(rows), 8, 8, 3), np.uint8)),
        np.zeros(len(rows), np.int64),
        rows,
        rows[:0],
        ("neutrophil", "basophil"),
        further_rows=tuple(rows[:3] for _ in further),
    )
    config = TrainConfig(
        data_dir="home",
        further=tuple(FurtherData(f"there/{name}", source=name) for name in further),
    )
    (tmp_path / "metrics.jsonl").touch()
    return first_card(tmp_path, Learnt(config, HOME, data, parents), {})


def test_sources_of_the_models_before_are_listed_once_with_their_licences(tmp_path: Path) -> None:
    before = parent(cells("A"), cells("B")), parent(cells("B"), cells("C"))
    card = card_of(tmp_path, *before, further=("B",))
    licences = {one.source: one.licence for one in card.data.further}
    assert list(licences) == ["B", "folder before", "A", "C"]
    assert licences["folder before"] == "of before"
    assert licences["A"] == "of A"
    assert "of 5 laboratories" in card.limits


def test_without_any_it_is_one_laboratory(tmp_path: Path) -> None:
    card = card_of(tmp_path)
    assert card.data.further == ()
    assert "one laboratory" in card.limits


def test_fields_of_red_cells_and_drawn_cells_are_no_laboratory(tmp_path: Path) -> None:
    smears = {"smears": {"source": "fields"}}
    older = parent(cells("fields"), source=card_of(tmp_path).data.source)
    older = older.model_copy(update={"config": smears})
    newer = parent(cells("other fields", cells=False), source=older.data.source)
    drawn = parent().model_copy(update={"synthetic": True})
    card = card_of(tmp_path, older, newer, drawn)
    assert [one.source for one in card.data.further] == ["fields", "other fields", "folder before"]
    assert "one laboratory" in card.limits


@pytest.mark.parametrize(
    ("before", "held_back"),
    [
        ((), True),
        ((parent(),), True),
        ((parent(), parent(split_seed=1)), False),
        ((parent(catalogue=made_up(21)),), False),
        ((parent(held_back=False),), False),
    ],
)
def test_only_the_same_split_all_the_way_back_holds_test_images_back(
    before: tuple[Card, ...], held_back: bool, tmp_path: Path
) -> None:
    assert card_of(tmp_path, *before).data.held_back is held_back
