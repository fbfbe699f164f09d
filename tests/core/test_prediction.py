"""What screens show in place of codes."""

from core.prediction import Status


def test_a_rejected_image_is_shown_as_not_a_cell() -> None:
    assert [status.shown for status in Status] == ["Confident", "Review", "Referred", "Not a cell"]
