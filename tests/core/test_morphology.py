"""Attributes read as a colleague would say them."""

from core.morphology import in_words


def test_what_is_said_of_one_thing_is_said_together() -> None:
    seen = {"granule_colour": "pink", "nucleus_shape": "segmented-bilobed", "granule_type": "small"}
    assert in_words(seen) == "nucleus segmented in two lobes, granules small and pink"


def test_what_is_not_there_has_no_properties() -> None:
    assert in_words({"granularity": "no", "granule_type": "small"}) == "no granules"
    assert in_words({"granularity": "yes", "granule_type": "small"}) == "granules small"
    assert in_words({"granularity": "yes", "cytoplasm_vacuole": "no"}) == (
        "no vacuoles, granules present"
    )
    assert in_words({}) == ""
