"""A card for people says what the card for programs says."""

from pathlib import Path

import pytest

from core.settings import Settings
from core.taxonomy import RESEARCH_USE
from core.vision.bundle import find_bundle
from core.vision.card import Card, HeatMapCard
from core.vision.card_text import card_markdown
from tests.factories import make_bundle


@pytest.fixture(scope="module")
def shipped() -> Card:
    return find_bundle(Settings().bundle, Settings()).card


def test_figures_sources_and_limits_stand_on_it(shipped: Card) -> None:
    text = card_markdown(shipped)
    test = shipped.metrics["test"]
    assert text.startswith(f"# {shipped.name}\n\n{RESEARCH_USE}\n")
    assert f"| Test | {test['n']:,} | {100 * test['accuracy']:.1f} (" in text
    for one in (shipped.data, *shipped.data.further):
        assert one.source in text and one.licence in text and one.citation in text
    assert shipped.limits in text and shipped.intended_use in text
    assert "taken to be as common as the others: erythroblast 22%" in text
    assert all(checksum in text for checksum in shipped.checksums.values())


def test_a_bar_in_a_name_does_not_break_the_table(shipped: Card) -> None:
    odd = shipped.model_copy(update={"data": shipped.data.model_copy(update={"source": "a|b"})})
    assert "| a\\|b |" in card_markdown(odd)


def test_an_unmeasured_bundle_says_so(tmp_path: Path) -> None:
    card = make_bundle(tmp_path).card
    assert "Not measured." in card_markdown(card)


def test_an_adapted_bundle_tells_what_adapting_did(tmp_path: Path) -> None:
    was = {"fitted": 100, "checked": 200, "before": 0.6, "after": 0.9}
    was |= {"home_before": 0.98, "home_after": 0.977}
    card = make_bundle(tmp_path).card.model_copy(update={"adapted": was, "parent": "labs"})
    text = card_markdown(card)
    assert "60.0% right before, 90.0% after" in text
    assert "From the bundle `labs`." in text


def test_how_heat_maps_are_drawn_stands_on_it_where_they_can_be(tmp_path: Path) -> None:
    card = make_bundle(tmp_path).card
    assert "Heat maps" not in card_markdown(card)
    drawn = card.model_copy(update={"heat_map": HeatMapCard(layer="blocks.6")})
    assert "**Heat maps:** Grad-CAM, layer blocks.6;" in card_markdown(drawn)
