"""``train`` of the command line: a network here and now, or as a recipe has it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps.cli.data import Data
from apps.cli.terminal import Json, open_store, write_json
from core.jobs import Queue
from core.settings import settings

if TYPE_CHECKING:
    from core.training.config import TrainConfig
    from core.vision.bundle import Bundle

Framed = Annotated[
    bool,
    typer.Option("--framed", help="Standardised crops: centred, scaled, on white."),
]
Further = Annotated[
    list[Path] | None,
    typer.Option(
        help="Class folders of another laboratory to learn from, too; those of kinds outside "
        "the classes, such as blast, become outputs of their own. Can be given repeatedly."
    ),
]
Recipe = Annotated[
    str | None,
    typer.Option(
        help="Train as one of these was: nuclei, cells. Overrides all but data, out, seed."
    ),
]


def train(
    data: Data,
    out: Annotated[str, typer.Option(help="Name of the model that the run becomes.")],
    arch: Annotated[str, typer.Option(help="Network, e.g. resnet18.")] = "resnet18",
    epochs: int = 20,
    side: Annotated[int, typer.Option(help="Side of the images in pixels.")] = 224,
    batch_size: int = 64,
    learning_rate: float = 1e-3,
    weight_average: Annotated[float, typer.Option(help="Decay per batch; 0 for none.")] = 0.0,
    scratch: Annotated[bool, typer.Option("--scratch", help="No pre-trained weights.")] = False,
    start: Annotated[str, typer.Option(help="A model of the same network to start from.")] = "",
    framed: Framed = False,
    further: Further = None,
    limit: Annotated[int | None, typer.Option(help="Only so many images, for a trial.")] = None,
    seed: int = 0,
    recipe: Recipe = None,
    json_file: Json = None,
) -> None:
    """Train a network here and now, and make a bundle of its best epoch."""
    from core.training.config import FurtherData, TrainConfig

    plain = TrainConfig(
        data_dir=str(data.resolve()),
        further=tuple(FurtherData(str(folder.resolve())) for folder in further or ()),
        architecture=arch,
        pretrained=not scratch,
        start=start,
        side_px=side,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        weight_average=weight_average,
        limit=limit,
        seed=seed,
    )
    bundle = _by_recipe(recipe, data, out, seed) if recipe else _as_set(plain, out, framed=framed)
    write_json(json_file, bundle.card.model_dump(mode="json"))
    print(f"Model {bundle.name} stands in {bundle.folder}")


def _by_recipe(recipe: str, data: Path, out: str, seed: int) -> "Bundle":
    from core.training.recipes import find_recipe
    from core.training.runs.foreground import train_stages

    stages = [replace(stage, seed=seed) for stage in find_recipe(recipe)(data)]
    return train_stages(stages, out, _queue(), _print_line)


def _as_set(plain: "TrainConfig", out: str, *, framed: bool) -> "Bundle":
    from core.training.recipes import across_laboratories
    from core.training.runs.foreground import train_bundle

    config = across_laboratories(plain) if framed else plain
    return train_bundle(config, out, _queue(), _print_line)


def _queue() -> Queue:
    return Queue(open_store(), settings())


def _print_line(text: str) -> None:
    print(text, flush=True)
