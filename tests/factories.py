"""Small real things for tests: bundles that load and answer, without having been trained."""

from datetime import UTC, datetime
from pathlib import Path

import torch

from core import taxonomy
from core.vision import networks
from core.vision.bundle import Bundle, load_bundle, write_card
from core.vision.card import Card, DataCard
from core.vision.export import export_network


def make_bundle(
    folder: Path,
    *,
    classes: tuple[str, ...] = taxonomy.KEYS,
    name: str = "tiny",
    seed: int = 0,
    review_below: float = 0.9,
    synthetic: bool = False,
) -> Bundle:
    """An EfficientNet-Lite0 at 64 px with an untrained last layer, in ``folder / name``."""
    torch.manual_seed(seed)
    net, origin = networks.build("efficientnet_lite0", len(classes), side_px=64, pretrained=True)
    target = folder / name
    target.mkdir(parents=True)
    checksums = export_network(net, target, side_px=64, mean=0.5, std=0.5)
    card = Card(
        name=name,
        architecture="efficientnet_lite0",
        classes=classes,
        side_px=64,
        pretrained=origin,
        synthetic=synthetic,
        data=DataCard(
            source="none",
            fingerprint="0" * 16,
            split_seed=0,
            images={},
            per_class={},
            licence="none",
            citation="none",
        ),
        review_below=review_below,
        set_limits=dict.fromkeys(taxonomy.KEYS, 0.1),
        review_rule="set by a test",
        created=datetime(2026, 1, 1, tzinfo=UTC),
        licence="MIT",
        intended_use=taxonomy.RESEARCH_USE,
        limits="Untrained.",
        checksums=checksums,
    )
    write_card(target, card)
    return load_bundle(target)
