"""``python -m apps.cli models``: which model answers, and the way to another and back."""

from typing import TYPE_CHECKING, Annotated

import typer

from apps.cli.terminal import Json, open_store, write_json
from core.access.accounts import COMMAND_LINE
from core.settings import settings

if TYPE_CHECKING:
    from core.analysis.predictor import Predictor
    from core.vision.bundle import Bundle

app = typer.Typer(no_args_is_help=True, help="The models that there are, and which one is in use.")


@app.command("list")
def list_(json_file: Json = None) -> None:
    """List the models; a star marks the one that answers."""
    from core.analysis.deployments import current
    from core.vision.bundle import found_bundles
    from core.vision.card.figures import accuracy

    now = current(open_store(), settings())
    found = found_bundles(settings())
    for one in found:
        told = f"{accuracy(one.bundle.card)}" if one.bundle else one.refused
        print(f"{'*' if one.name == now.bundle else ' '} {one.name:32} {told}")
    if now.bundle not in {one.name for one in found}:
        print(f"{now.bundle} was put into use and is gone. Nothing can predict.")
    write_json(
        json_file,
        [
            {"name": one.name, "answers": one.name == now.bundle, "refused": one.refused}
            for one in found
        ],
    )


@app.command()
def use(name: Annotated[str, typer.Argument(help="As `models list` shows it.")]) -> None:
    """Let a model answer, at every door."""
    from core.analysis.deployments import use_bundle

    use_bundle(open_store(), settings(), COMMAND_LINE, name)
    print(f"{name} is in use.")


@app.command()
def back() -> None:
    """Let the model answer again that did before."""
    from core.analysis.deployments import current, go_back

    store = open_store()
    go_back(store, settings(), COMMAND_LINE)
    print(f"{current(store, settings()).bundle} is in use again.")


def bundle_named(name: str | None) -> "Bundle":
    """The bundle of that name, else the one that answers."""
    from core.analysis.deployments import bundle_of, current
    from core.vision.bundle import find_bundle

    if name:
        return find_bundle(name, settings())
    return bundle_of(current(open_store(), settings()), settings())


def predictor_named(name: str | None, profile: str | None) -> "Predictor":
    """The predictor of that bundle and profile; without a name, what answers at every door."""
    from core.analysis.deployments import bundle_of, current, profile_of
    from core.analysis.predictor import Predictor
    from core.analysis.profiles import load_profile
    from core.vision.bundle import find_bundle
    from core.vision.classifier import Classifier

    chosen = load_profile(profile, settings()) if profile else None
    if name:
        bundle = find_bundle(name, settings())
    else:
        deployed = current(open_store(), settings())
        bundle = bundle_of(deployed, settings())
        chosen = chosen or profile_of(deployed, settings())
    return Predictor(Classifier(bundle, settings().runtime), chosen)
