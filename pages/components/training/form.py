"""The settings of a new run, in five groups; what stands there at first works."""

from dataclasses import dataclass, fields
from typing import Any

import streamlit as st

from core.errors import InvalidConfigError
from core.settings import settings
from core.training.config import OPTIMIZERS, PRECISIONS, SCHEDULES, TrainConfig
from core.vision.augmentation import Augmentation
from core.vision.bundle import bundle_folders
from core.vision.networks import NETWORKS
from pages.components.shared.words import plain
from pages.components.training import laboratories

SIDES_PX = (64, 96, 112, 128, 160, 192, 224, 256, 288)
PRECISION_NAMES = dict(zip(PRECISIONS, ("Automatic", "32 bit", "bfloat16", "16 bit"), strict=True))
SCHEDULE_NAMES = dict(zip(SCHEDULES, ("One cycle", "Cosine", "Constant"), strict=True))
OPTIMIZER_NAMES = dict(zip(OPTIMIZERS, ("AdamW", "Adam", "NAdam"), strict=True))
CHOICE_HELP = {
    "precision": "Automatic takes bfloat16 where the processor computes it natively.",
    "schedule": "One cycle: up, then down to zero. Cosine: down. Constant: as it is.",
    "optimizer": "AdamW keeps weight decay apart from the step; NAdam looks a step ahead.",
}


@dataclass(frozen=True)
class _Number:
    """One number of the form; whole if its default is."""

    name: str
    label: str
    low: float
    high: float
    step: float
    help: str
    digits: str = "%g"


DATA = (
    _Number("seed", "Seed", 0, 2**31 - 1, 1, "Of split, start weights, order and augmentation."),
)
SCHEDULE = (
    _Number("epochs", "Epochs", 1, 1000, 1, "How often each image is seen."),
    _Number("batch_size", "Batch size", 2, 4096, 8, "Images a step of the optimizer."),
    _Number("learning_rate", "Learning rate", 1e-7, 1, 1e-4, "The highest of the schedule."),
    _Number("weight_decay", "Weight decay", 0, 1, 0.01, "Pulls weights towards zero.", "%.3f"),
    _Number("label_smoothing", "Label smoothing", 0, 0.5, 0.01, "Doubt in each label.", "%.2f"),
    _Number(
        "weight_average", "Weight average", 0, 0.9999, 0.001, "Decay a batch; 0: none.", "%.4f"
    ),
    _Number(
        "early_stopping_patience",
        "Patience (epochs)",
        0,
        1000,
        1,
        "Stops after so many epochs without a better validation accuracy; 0: never.",
    ),
)
AUGMENTATION = (
    _Number("rotation_degrees", "Rotation (±°)", 0, 180, 5, "A cell has no upright."),
    _Number("zoom", "Zoom (share)", 0, 2, 0.05, "Scaled up or down by up to this.", "%.2f"),
    _Number("shift", "Shift (share)", 0, 0.5, 0.01, "Of the side, up to this.", "%.2f"),
    _Number(
        "brightness", "Brightness", 0, 0.9, 0.05, "Up to this share lighter or darker.", "%.2f"
    ),
    _Number("contrast", "Contrast", 0, 0.9, 0.05, "Up to this share flatter or harder.", "%.2f"),
    _Number("stain", "Stain mixing", 0, 0.5, 0.02, "As stains differ by laboratory.", "%.2f"),
    _Number("blur", "Blur (sigma, px)", 0, 5, 0.25, "Every other image, up to this.", "%.2f"),
)


def training_form(data_dir: str, *, disabled: bool) -> TrainConfig | None:
    """What the form says, or None (and the reason on the page) if it cannot be trained."""
    data, network, schedule, elsewhere, augmentation = st.tabs(
        ["Data", "Network", "Schedule", "Laboratories", "Augmentation"], key="training_groups"
    )
    values: dict[str, Any] = {"data_dir": data_dir}
    with data:
        values |= _data(disabled)
    with network:
        values |= _network(disabled)
    with schedule:
        values |= _schedule(disabled)
    with elsewhere:
        values["further"] = laboratories.draw(disabled)
    with augmentation:
        values["augmentation"] = _augmentation(disabled)
    try:
        return laboratories.applied(TrainConfig(**values))
    except InvalidConfigError as error:
        st.error(plain(error))
        return None


def _data(disabled: bool) -> dict[str, Any]:
    side_px = st.selectbox(
        "Side (px)",
        SIDES_PX,
        SIDES_PX.index(_default("side_px")),
        key="training_side_px",
        help="Images become squares of this side. Half the side trains about four times faster.",
        disabled=disabled,
    )
    limit = st.number_input(
        "Images for a trial",
        16,
        None,
        None,
        100,
        key="training_limit",
        placeholder="all",
        help="Only so many images, each class in its share. Empty: all.",
        disabled=disabled,
    )
    return {"side_px": side_px, "limit": limit, **_numbers(DATA, TrainConfig, disabled)}


def _network(disabled: bool) -> dict[str, Any]:
    architecture = st.selectbox(
        "Network",
        list(NETWORKS),
        list(NETWORKS).index(_default("architecture")),
        format_func=lambda name: f"{name}, {NETWORKS[name].parameters:g} million parameters",
        key="training_architecture",
        help="Its last layer is replaced by one for the classes at hand.",
        disabled=disabled,
    )
    pretrained = st.toggle(
        "Start from ImageNet weights",
        _default("pretrained"),
        key="training_pretrained",
        help="A network that has seen other images needs fewer epochs.",
        disabled=disabled,
    )
    if pretrained:
        st.caption(_where_from(architecture))
    start = st.selectbox(
        "Start from a model",
        list(bundle_folders(settings())),
        None,
        key="training_start",
        placeholder="none",
        help="One of the same network; goes before ImageNet weights.",
        disabled=disabled,
    )
    precision = _choice("precision", "Precision", PRECISION_NAMES, disabled)
    return {
        "architecture": architecture,
        "pretrained": pretrained,
        "start": start or "",
        "precision": precision,
    }


def _where_from(architecture: str) -> str:
    if NETWORKS[architecture].weights_at_hand:
        return "These weights came with the installation."
    return "Fetched when the run begins. Out of reach, the run starts from scratch and says so."


def _schedule(disabled: bool) -> dict[str, Any]:
    left, right = st.columns(2)
    with left:
        optimizer = _choice("optimizer", "Optimizer", OPTIMIZER_NAMES, disabled)
    with right:
        schedule = _choice("schedule", "Schedule", SCHEDULE_NAMES, disabled)
    numbers = _numbers(SCHEDULE, TrainConfig, disabled)
    return {"optimizer": optimizer, "schedule": schedule, **numbers}


def _augmentation(disabled: bool) -> Augmentation:
    if laboratories.are_framed():
        st.caption("As laboratories differ: it comes with “Frame cells alike”.")
        return Augmentation()
    flips = st.toggle(
        "Mirror", Augmentation.flips, key="training_flips", help="Both ways.", disabled=disabled
    )
    return Augmentation(flips=flips, **_numbers(AUGMENTATION, Augmentation, disabled))


def _choice(name: str, label: str, names: dict[str, str], disabled: bool) -> str:
    return st.selectbox(
        label,
        list(names),
        list(names).index(_default(name)),
        format_func=names.__getitem__,
        key=f"training_{name}",
        help=CHOICE_HELP[name],
        disabled=disabled,
    )


def _numbers(numbers: tuple[_Number, ...], of: type, disabled: bool) -> dict[str, Any]:
    columns = st.columns(2)
    return {
        number.name: _number(columns[i % 2], number, _default(number.name, of), disabled)
        for i, number in enumerate(numbers)
    }


def _number(place: Any, number: _Number, default: float, disabled: bool) -> float:
    kind = type(default)
    value: float = place.number_input(
        number.label,
        kind(number.low),
        kind(number.high),
        default,
        kind(number.step),
        format="%d" if kind is int else number.digits,
        key=f"training_{number.name}",
        help=number.help,
        disabled=disabled,
    )
    return value


def _default(name: str, of: type = TrainConfig) -> Any:
    return next(field.default for field in fields(of) if field.name == name)
