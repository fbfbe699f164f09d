"""Evaluating a bundle on other laboratories, as a job."""

from collections.abc import Sequence
from typing import Any

from core.errors import DatasetMissingError
from core.evaluation.job import catalogue_as_shown, counted
from core.evaluation.laboratories import Laboratory, evaluate_on, laboratories
from core.jobs import Job, Queue
from core.settings import settings
from core.vision.bundle import find_bundle
from core.vision.classifier import Classifier
from core.work import Context

KIND = "laboratories"


def start(bundle: str, wanted: Sequence[str], queue: Queue, by: int) -> Job:
    """Has a bundle evaluated on these laboratories, named by their folders.

    Args:
        by: id of the account that asks.
    """
    return queue.submit(KIND, bundle, {"bundle": bundle, "laboratories": list(wanted)}, by=by)


def work(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """Evaluates on one after the other, saving each result; gives the laboratories' names.

    Raises:
        BundleError: the bundle is gone or refused.
        DatasetError: a laboratory is gone, or has no image that can be used.
    """
    context.step(0.0, "Loading the model")
    classifier = Classifier(find_bundle(request["bundle"], settings()), settings().runtime)
    wanted = request["laboratories"]
    for number, name in enumerate(wanted):
        laboratory = _find(name)
        catalogue = catalogue_as_shown(laboratory.root)
        of = f"Laboratory {number + 1} of {len(wanted)}: "
        tell = counted(context, of, before=number / len(wanted), share=1 / len(wanted))
        evaluate_on(laboratory, catalogue, classifier, tell).save(settings().evaluations_dir)
    return {"laboratories": wanted}


def _find(name: str) -> Laboratory:
    for laboratory in laboratories(settings().laboratories_dir):
        if laboratory.name == name:
            return laboratory
    raise DatasetMissingError(
        f"The folder of laboratory {name} is gone from {settings().laboratories_dir}. "
        "Put it back, or evaluate on the others."
    )
