"""Setting up a laboratory: ``profile`` and ``adapt`` of the command line."""

from pathlib import Path
from typing import Annotated

import typer

from apps.terminal import Json, ProgressLine, write_json
from core.settings import settings

Model = Annotated[str | None, typer.Option("--model", help="Bundle; default: the one in use.")]


def profile(
    data: Annotated[Path, typer.Option("--data", help="Folder of unlabelled cells, 50 or more.")],
    out: Annotated[str, typer.Option("--out", help="Name of the laboratory profile.")],
    model: Model = None,
    json_file: Json = None,
) -> None:
    """Measure what is usual in a laboratory's pictures; labels are neither needed nor read."""
    from core.analysis.files import read_paths
    from core.analysis.in_use import in_use
    from core.analysis.intake import CellImage
    from core.analysis.profiles import make_profile, save_profile
    from core.vision.bundle import find_bundle
    from core.vision.classifier import Classifier

    bundle = find_bundle(model or in_use(settings()).bundle, settings())
    classifier = Classifier(bundle, settings().runtime)
    items = read_paths([data], classifier.at_least_px)
    pictures = [item.picture for item in items if isinstance(item, CellImage)]
    made = make_profile(out, pictures, classifier, ProgressLine("cells"))
    file = save_profile(made, settings())
    write_json(json_file, made.model_dump(mode="json"))
    print(f"Laboratory profile {made.name} from {made.cells} cells stands in {file}")
    print(f"  median nucleus: {made.nucleus_share:.1%} of the picture's side")
    for key, share in sorted(made.class_mix.items(), key=lambda one: -one[1]):
        print(f"  {key:13} {share:6.1%}")
