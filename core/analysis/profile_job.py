"""Making a laboratory profile as a job: images in, a profile and what it would change out.

A few thousand cells say what is usual: of more, so many are drawn. The images go as soon as they
are measured; a few stay to be looked at until the job is dismissed.
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from core.analysis import sampling
from core.analysis.archive import is_zip
from core.analysis.intake import CellImage, Refused, read_upload
from core.analysis.limits import UploadLimits
from core.analysis.predictor import Predictor
from core.errors import ProfileError
from core.jobs import Job, Queue
from core.parallel import Progress
from core.prediction import Prediction, Status
from core.settings import settings
from core.taxonomy import KEYS
from core.vision.bundle import find_bundle
from core.vision.classifier import Classifier
from core.vision.preparation import Preparation
from core.vision.profile import Profile
from core.vision.profiling import FEWEST_CELLS, make_profile
from core.work import Context

KIND = "profile"
UPLOADS, CAME, SEEN = "uploads", "came", "seen"
SHOWN = 7
SEEN_PX = 208


def start(name: str, files: Sequence[tuple[str, bytes]], bundle: str, queue: Queue, by: int) -> Job:
    """Has a profile made of these images and ZIPs of images, as ``bundle`` predicts them.

    Args:
        name: of the laboratory.
        files: name and bytes of each; of the name only its ending is kept.
        by: id of the account that asks.

    Raises:
        ProfileError: there are too few, as can be seen where no ZIP is among them.
        JobError: the images cannot be kept until they are measured.
    """
    if len(files) < FEWEST_CELLS and not any(is_zip(*file) for file in files):
        raise ProfileError(
            f"A laboratory profile needs at least {FEWEST_CELLS} images of single cells; these are "
            f"{len(files)}. Add more."
        )
    kept = [
        (f"{UPLOADS}/{number:05d}{Path(file).suffix.lower()}", data)
        for number, (file, data) in enumerate(files)
    ]
    return queue.submit(KIND, name, {"name": name, "bundle": bundle}, by=by, files=kept)


def work(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """Makes the profile; gives it, and of the predictions without and with it how they are mixed.

    Raises:
        ProfileError: there are too few cells, or the name cannot be.
        BundleError: the bundle is gone or refused.
    """
    context.step(0.0, "Loading the model")
    classifier = Classifier(find_bundle(request["bundle"], settings()), settings().runtime)
    plain = Predictor(classifier)
    unread: list[str] = []
    read = sampling.draw(_read(context, plain.at_least_px, unread))
    given = zip(read, plain.stream(read), strict=True)
    images, before = _sound(given)
    left_out = len(unread) + len(read) - len(images)

    def measured(done: int, total: int) -> None:
        context.step(0.4 + 0.3 * done / total, f"{done} of {total} cells measured")

    profile = _made(request["name"], images, classifier, measured, left_out)
    context.step(0.8, "Comparing")
    after = Predictor(classifier, profile).predict(images)
    _keep_some(images, profile, classifier, context.folder)
    shutil.rmtree(context.folder / UPLOADS)
    changed = sum(old.label != new.label for old, new in zip(before, after, strict=True))
    return {
        "profile": profile.model_dump(mode="json"),
        "images": len(images),
        "left_out": left_out,
        "changed": changed,
        "before": _mix(before),
        "after": _mix(after),
    }


def _made(
    name: str,
    images: Sequence[CellImage],
    classifier: Classifier,
    measured: Progress,
    left_out: int,
) -> Profile:
    try:
        return make_profile(name, [image.rgb for image in images], classifier, measured)
    except ProfileError as error:
        if not left_out:
            raise
        raise ProfileError(f"{error} {left_out} others could not be read.") from error


def _sound(
    given: Iterable[tuple[CellImage, Prediction | Refused]],
) -> tuple[list[CellImage], list[Prediction]]:
    """The images that the model can take, with its predictions; the others must not stop them."""
    kept = [(image, one) for image, one in given if isinstance(one, Prediction)]
    return [image for image, _ in kept], [one for _, one in kept]


def _mix(given: Sequence[Prediction]) -> dict[str, Any]:
    labels = Counter(one.label for one in given)
    return {
        "classes": {key: labels[key] / len(given) for key in KEYS},
        "confident": sum(one.status == Status.CONFIDENT for one in given),
    }


def _read(context: Context, at_least_px: int, unread: list[str]) -> Iterator[CellImage]:
    """The images; the names of files that give none go into ``unread``."""
    limits = UploadLimits.from_settings(settings())
    files = sorted((context.folder / UPLOADS).iterdir())
    count = 0
    for number, file in enumerate(files, 1):
        for item in read_upload(file.name, file.read_bytes(), limits, at_least_px):
            if isinstance(item, CellImage):
                count += 1
                yield item
            else:
                unread.append(item.name)
        context.step(0.4 * number / len(files), f"{count} images read")


def _keep_some(
    images: Sequence[CellImage], profile: Profile, classifier: Classifier, folder: Path
) -> None:
    """Writes a few images as they came, and as the network sees them under the profile."""
    view = classifier.bundle.card.view
    for kind in (CAME, SEEN):
        (folder / kind).mkdir(exist_ok=True)
    shown = images[:: max(1, len(images) // SHOWN)][:SHOWN]
    for number, image in enumerate(shown):
        (folder / CAME / str(number)).write_bytes(image.encoded)
        if view:
            seen = Image.fromarray(Preparation(SEEN_PX, view)(image.rgb, profile))
            seen.save(folder / SEEN / f"{number}.png")
