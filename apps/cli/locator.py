"""``locator`` of the command line: teaches the network that finds the cell in an image."""

from pathlib import Path
from typing import Annotated

import typer

from apps.cli.terminal import Json, ProgressLine, write_json
from core.settings import settings


def locator(
    data: Annotated[Path, typer.Option(help="The folder that holds pbc and fields.")],
    out: Annotated[str, typer.Option(help="Name of the new locator.")],
    steps: Annotated[int, typer.Option(help="Batches to learn from.")] = 3000,
    seed: int = 0,
    json_file: Json = None,
) -> None:
    """Teach a network to find the cell in an image, from boxes drawn in several laboratories."""
    from core.dataset.catalogue import update_catalogue
    from core.dataset.splits import split
    from core.training.locator.images import boxed_images
    from core.training.locator.make import make_locator

    splits = split(update_catalogue(data / "pbc/bloodcells_dataset", settings().cache_dir), seed=0)
    images = boxed_images(data, set(splits.index[splits == "train"]))
    line = ProgressLine("batches")
    card = make_locator(
        images,
        settings().locator_dirs[1] / out,
        steps=steps,
        seed=seed,
        progress=lambda step: line(step.done, step.total),
    )
    write_json(json_file, card.model_dump(mode="json"))
    for source, figures in card.figures.items():
        print(f"{source:18} overlap {figures['iou']:.2f}, found {figures['found']:.1%}")
