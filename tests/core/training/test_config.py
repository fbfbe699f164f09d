"""A configuration is checked when it is made, and survives its way through JSON."""

from dataclasses import replace

import pytest

from core.errors import InvalidConfigError
from core.training.config import FurtherData, TrainConfig
from core.vision.augmentation import Augmentation

CONFIG = TrainConfig(
    data_dir="cells",
    further=(FurtherData("there", left_out=("wrong.jpg",)),),
    augmentation=Augmentation(stain=0.3),
    limit=100,
)


def test_json_gives_the_same_configuration_back() -> None:
    assert TrainConfig.from_json(CONFIG.to_json()) == CONFIG


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("side_px", 4),
        ("epochs", 0),
        ("batch_size", 1),
        ("learning_rate", 0.0),
        ("optimizer", "magic"),
        ("schedule", "sometimes"),
        ("precision", "int1"),
        ("limit", 3),
    ],
)
def test_value_out_of_range_is_named(name: str, value: object) -> None:
    with pytest.raises(InvalidConfigError, match=name):
        replace(CONFIG, **{name: value})


def test_unknown_field_is_named() -> None:
    with pytest.raises(InvalidConfigError, match="colour"):
        TrainConfig.from_dict({"data_dir": "cells", "colour": "blue"})
