"""Attributes fit the classes as their source says."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from core.looks import MORPHOLOGY, fit, typical_of
from core.morphology import ATTRIBUTES


def test_each_class_with_a_table_tells_of_every_attribute() -> None:
    for looks in MORPHOLOGY.values():
        assert set(looks) == {attribute.key for attribute in ATTRIBUTES}


def test_red_granules_are_an_eosinophils() -> None:
    assert fit("eosinophil", "granule_colour", "red") == "typical"
    assert fit("neutrophil", "granule_colour", "red") == "impossible"
    assert fit("neutrophil", "granule_colour", "purple") == "compatible"
    assert fit("platelet", "granule_colour", "red") == "compatible"
    assert typical_of("granule_colour", "red") == ("eosinophil",)


def test_the_table_is_what_its_source_counts(real_root: Path) -> None:
    with (real_root / "wbcatt/train.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for key, looks in MORPHOLOGY.items():
        own = [row for row in rows if row["label"].lower() == key]
        for attribute in ATTRIBUTES:
            counts = Counter(row[attribute.key] for row in own)
            look = looks[attribute.key]
            often = {value for value in attribute.words if counts[value] >= len(own) / 10}
            assert set(look.typical) == often, (key, attribute.key)
            assert all(counts[value] < len(own) / 100 for value in look.impossible)


@pytest.mark.parametrize("attribute", ATTRIBUTES, ids=lambda attribute: attribute.key)
def test_the_tables_use_the_attributes_own_values(attribute) -> None:
    for looks in MORPHOLOGY.values():
        look = looks[attribute.key]
        assert set(look.typical + look.impossible) <= set(attribute.words)
        assert not set(look.typical) & set(look.impossible)
