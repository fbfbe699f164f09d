"""Evaluating a bundle on a split of the data set, as a job."""

import time
from pathlib import Path
from typing import Any

from core.dataset.catalogue import Catalogue, load_catalogue, update_catalogue
from core.dataset.splits import saved_split
from core.evaluation.evaluate import evaluate
from core.jobs import Job, Queue
from core.parallel import Progress
from core.settings import settings
from core.vision.bundle import find_bundle
from core.vision.classifier import Classifier
from core.work import Context

KIND = "evaluation"


def start(bundle: str, split: str, root: Path, queue: Queue, by: int, *, synthetic: bool) -> Job:
    """Has a bundle, or a run's best epoch, evaluated on a split of the images in ``root``.

    Args:
        by: id of the account that asks.
        synthetic: the images are drawn, not photographed.
    """
    request = {"bundle": bundle, "split": split, "root": str(root), "synthetic": synthetic}
    return queue.submit(KIND, subject(bundle, split), request, by=by)


def subject(bundle: str, split: str) -> str:
    """What the job of this bundle and split is found by."""
    return f"{bundle}/{split}"


def work(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """Evaluates as it was asked for and saves the result; gives how many images were read.

    Raises:
        BundleError: the bundle is gone or refused.
        DatasetError: there are no images to evaluate on.
    """
    context.step(0.0, "Loading the model")
    bundle = find_bundle(request["bundle"], settings())
    catalogue = catalogue_as_shown(Path(request["root"]))
    images = catalogue.images
    parts = saved_split(catalogue, settings().cache_dir, bundle.card.data.split_seed)
    result = evaluate(
        Classifier(bundle, settings().runtime),
        catalogue.root,
        images[images["path"].map(parts) == request["split"]],
        counted(context),
        split=request["split"],
        data_fingerprint=catalogue.fingerprint,
        synthetic=request["synthetic"],
    )
    result.save(settings().evaluations_dir)
    return {"images": len(result)}


def catalogue_as_shown(root: Path) -> Catalogue:
    """The catalogue that a page has shown: the kept one, whatever changed in ``root`` since."""
    return load_catalogue(root, settings().cache_dir) or update_catalogue(
        root, settings().cache_dir
    )


def counted(context: Context, of: str = "", before: float = 0.0, share: float = 1.0) -> Progress:
    """What tells a job's progress as images are read.

    Args:
        of: stands before the count.
        before: share of the job that is done already.
        share: of the job, that these images are.
    """
    started = time.monotonic()

    def tell(done: int, total: int) -> None:
        left = (time.monotonic() - started) / done * (total - done)
        text = f"{of}{done:,} of {total:,} images, about {left:.0f} s left"
        context.step(before + share * done / total, text)

    return tell
