"""A card for people says what the card for programs says."""

from pathlib import Path

import pytest

from core.settings import Settings
from core.taxonomy import RESEARCH_USE
from core.vision.bundle import find_bundle
from core.vision.card.cautions import NOT_HELD_BACK
from core.vision.card.contents import AttributesCard, Card, HeatMapCard
from core.vision.card.figures import accuracy
from core.vision.card.text import card_markdown
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
    assert "rarer, this share of the others: erythroblast 22%" in text
    assert f"held-back images of {shipped.data.source}: external laboratories'" in text
    assert all(checksum in text for checksum in shipped.checksums.values())
    assert f"fingerprint `{shipped.data.fingerprint}`" in text
    limit = f"{100 * (shipped.refer_above or 0):.1f}%"
    assert f"blast, atypical lymphocyte, smudge cell have together {limit}" in text


def test_only_the_test_is_said_to_be_held_back(shipped: Card) -> None:
    lines = card_markdown(shipped).splitlines()
    (of_validation,) = [line for line in lines if line.startswith("| Validation")]
    assert "used to choose and calibrate" in of_validation


def test_a_bar_in_a_name_does_not_break_the_table(shipped: Card) -> None:
    odd = shipped.model_copy(update={"data": shipped.data.model_copy(update={"source": "a|b"})})
    assert "| a\\|b |" in card_markdown(odd)


def test_what_is_mistaken_most_often_is_named(shipped: Card) -> None:
    confusion = shipped.metrics["test"]["confusion"]
    counts, keys = confusion["counts"], confusion["classes"]
    count = counts[keys.index("ig")][keys.index("monocyte")]
    wrong = sum(map(sum, counts)) - sum(row[place] for place, row in enumerate(counts))
    text = card_markdown(shipped)
    assert f"mistaken: immature granulocyte predicted as monocyte {count}, " in text
    assert f"; {wrong} wrong in all." in text


def test_where_nothing_is_mistaken_it_says_so(shipped: Card) -> None:
    test = shipped.metrics["test"]
    right = {"classes": ["ig", "monocyte"], "counts": [[3, 0], [0, 4]]}
    perfect = shipped.model_copy(update={"metrics": {"test": test | {"confusion": right}}})
    assert "None of these predictions is wrong." in card_markdown(perfect)


def test_a_source_cannot_act_as_markdown(shipped: Card) -> None:
    odd = shipped.data.model_copy(update={"source": "![x](https://example.org/x.png) `|"})
    text = card_markdown(shipped.model_copy(update={"data": odd, "limits": "<b>none</b>"}))
    assert "| !\\[x\\](https://example.org/x.png) \\`\\| |" in text
    assert "\\<b\\>none" in text


@pytest.fixture
def told() -> AttributesCard:
    figures = {"macro_f1": 0.912, "accuracy": 0.934, "told": 0.85, "accuracy_told": 0.978}
    return AttributesCard(
        source="WBCAtt",
        licence="MIT",
        citation="Tsutsui et al. 2023",
        images={"train": 5400, "validation": 700},
        classes=("monocyte", "ig"),
        values={"granularity": ("no", "yes"), "cell_size": ("big", "small")},
        temperature={"granularity": 1.25, "cell_size": 0.8},
        sure_from=0.6,
        contradicts_from=0.9,
        metrics={"granularity": figures},
    )


def test_attributes_stand_on_it_with_source_and_figures(
    shipped: Card, told: AttributesCard
) -> None:
    text = card_markdown(shipped.model_copy(update={"attributes": told}))
    assert "**Source:** WBCAtt. **Licence:** MIT." in text
    assert "**Citation:** Tsutsui et al. 2023." in text
    assert (
        "**Attributes are given for cells predicted as:** monocyte, immature granulocyte." in text
    )
    assert "Learnt from 5,400 cells. Measured, in per cent, on 700 of them" in text
    assert "A value is reported from 60% on. One of 90% or more" in text
    assert "| Granularity | none, present | 91.2 | 93.4 | 85.0 | 97.8 | 1.25 |" in text
    assert "| Cell size | large, small | – | – | – | – | 0.80 |" in text


def test_a_bundle_that_tells_no_attributes_has_no_section_on_them(shipped: Card) -> None:
    plain = shipped.model_copy(update={"attributes": None})
    assert "## Morphological attributes" not in card_markdown(plain)


def test_an_unmeasured_bundle_says_so(tmp_path: Path) -> None:
    card = make_bundle(tmp_path).card
    assert "Not measured." in card_markdown(card)


def test_an_adapted_bundle_tells_what_adapting_did(tmp_path: Path) -> None:
    was = {"fitted": 100, "checked": 200, "before": 0.6, "after": 0.9}
    was |= {"home_before": 0.98, "home_after": 0.977}
    card = make_bundle(tmp_path).card.model_copy(update={"adapted": was, "parent": "labs"})
    text = card_markdown(card)
    assert "60.0% right before, 90.0% after." in text
    assert "From the model `labs`." in text


def test_an_adapted_bundle_tells_whether_it_may_be_chance(tmp_path: Path) -> None:
    was = {"fitted": 80, "checked": 40, "before": 0.6, "after": 0.8, "better": 9, "worse": 1}
    was |= {"p_value": 0.0215, "home_before": 0.98, "home_after": 0.977}
    card = make_bundle(tmp_path).card.model_copy(update={"adapted": was})
    assert "80.0% after (better on 9, worse on 1; p = 0.021)." in card_markdown(card)


def test_how_heat_maps_are_drawn_stands_on_it_where_they_can_be(tmp_path: Path) -> None:
    card = make_bundle(tmp_path).card
    assert "Heat maps" not in card_markdown(card)
    drawn = card.model_copy(update={"heat_map": HeatMapCard(layer="blocks.6")})
    assert "**Heat maps:** Grad-CAM, layer blocks.6;" in card_markdown(drawn)


def test_figures_on_images_that_a_model_before_may_have_learnt_from_say_so(shipped: Card) -> None:
    data = shipped.data.model_copy(update={"held_back": False})
    child = shipped.model_copy(update={"data": data})
    assert NOT_HELD_BACK in card_markdown(child)
    assert "held-back" not in card_markdown(child)
    assert NOT_HELD_BACK not in card_markdown(shipped)
    assert accuracy(child) != accuracy(shipped)
