"""``detector`` of the command line: teaches the network that finds the cells in a field."""

from pathlib import Path
from typing import Annotated

import typer

from apps.cli.terminal import Json, ProgressLine, write_json
from core.settings import settings


def detector(
    data: Annotated[Path, typer.Option(help="The folder that holds pbc and fields.")],
    out: Annotated[str, typer.Option(help="Name of the new detector.")],
    steps: Annotated[int, typer.Option(help="Batches to learn from.")] = 6000,
    seed: int = 0,
    json_file: Json = None,
) -> None:
    """Teach a network to find the cells in a field, from boxes drawn in several laboratories."""
    from core.dataset.catalogue import update_catalogue
    from core.dataset.splits import split
    from core.training.boxes.sources import images_of_fields, images_of_white_cells
    from core.training.detector.make import make_detector

    splits = split(update_catalogue(data / "pbc/bloodcells_dataset", settings().cache_dir), seed=0)
    train = set(splits.index[splits == "train"])
    line = ProgressLine("batches")
    card = make_detector(
        [*images_of_fields(data), *images_of_white_cells(data, train)],
        settings().detector_dirs[1] / out,
        steps=steps,
        seed=seed,
        progress=lambda step: line(step.done, step.total),
    )
    write_json(json_file, card.model_dump(mode="json"))
    for what, figures in card.figures.items():
        print(
            f"{what:28} recall {figures['recall']:.1%}, F1 {figures['f1']:.1%}, "
            f"false ones a field {figures['false_per_field']:.2f}"
        )
