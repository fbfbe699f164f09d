"""What a bundle's users are told wherever it answers."""

from core.vision.card.cautions import NO_REFERRAL, ONLY_SYNTHETIC, cautions
from tests.factories import make_card


def test_a_bundle_that_cannot_refer_blasts_says_so() -> None:
    assert cautions(make_card()) == [NO_REFERRAL]
    assert cautions(make_card(outside=("no_cell",), refer_above=0.5)) == [NO_REFERRAL]
    assert cautions(make_card(outside=("blast",), refer_above=0.5)) == []


def test_a_bundle_that_saw_only_synthetic_images_says_so_first() -> None:
    assert cautions(make_card(synthetic=True)) == [ONLY_SYNTHETIC, NO_REFERRAL]
