"""Looking through a data set: ``index`` of the command line."""

from pathlib import Path
from typing import Annotated, Any

import typer

from apps.cli.terminal import Json, ProgressLine, tell, writable, write_file, write_json
from core.settings import settings

Data = Annotated[Path, typer.Option("--data", help="Folder of class folders.")]


def index(
    data: Data,
    card: Annotated[
        Path | None,
        typer.Option(
            help="Write the data set's card to this file, as Markdown.", callback=writable
        ),
    ] = None,
    attributes: Annotated[
        list[Path] | None,
        typer.Option(
            help="CSV of morphological attributes by file name, as WBCAtt's, for the card; can be "
            "given repeatedly. Else those found in the folder or in a folder wbcatt near it."
        ),
    ] = None,
    json_file: Json = None,
) -> None:
    """Catalogue a data set: sizes, duplicates, files that are no images; write its card."""
    from core.dataset.catalogue import update_catalogue

    catalogue = update_catalogue(
        data, settings().cache_dir, ProgressLine("files"), ProgressLine("compared")
    )
    counts = catalogue.images["label"].value_counts().sort_index().to_dict()
    problems = catalogue.problems[["path", "problem"]].to_dict("records")
    print(f"{len(catalogue.images)} images, fingerprint {catalogue.fingerprint}")
    for label, count in counts.items():
        print(f"  {label:13} {count:6}")
    for row in problems:
        tell(f"problem: {row['path']}: {row['problem']}")
    write_json(
        json_file,
        {
            "images": len(catalogue.images),
            "fingerprint": catalogue.fingerprint,
            "per_class": counts,
            "problems": problems,
        },
    )
    if card is not None:
        write_file(card, _data_set_card(catalogue, attributes))
        print(f"Card of the data set stands in {card}")


def _data_set_card(catalogue: Any, attributes: list[Path] | None) -> str:
    from core.dataset.attributes import find_attributes, read_attributes
    from core.dataset.card.text import data_set_card
    from core.dataset.sources import named_folder
    from core.dataset.splits import split

    files = attributes or find_attributes(catalogue.root)
    told = read_attributes(files) if files else None
    return data_set_card(catalogue, named_folder(catalogue.root), split(catalogue), told)
