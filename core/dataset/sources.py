"""Where the images come from: the first of five places that has any."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core import taxonomy
from core.dataset.roots import class_root
from core.errors import DatasetError, DatasetMissingError
from core.files import replacing_folder
from core.settings import Settings

HANDLE = "unclesamulus/blood-cells-image-dataset/versions/1"
MARKER = "SYNTHETIC.md"
_SYNTHETIC_PER_CLASS = 60

Notify = Callable[[str], object]


@dataclass(frozen=True)
class DataSource:
    """Where the images are and how they came there.

    Attributes:
        root: the folder that holds the class folders.
        origin: a few words for headers and cards.
        synthetic: drawn by this project, not photographed.
        message: one sentence on why this source was taken.
    """

    root: Path
    origin: str
    synthetic: bool
    message: str


def locate(
    settings: Settings, progress: Notify | None = None, *, download: bool = False
) -> DataSource:
    """The images to work with: set folder, data folder, Kaggle's cache, Kaggle, synthetic.

    Args:
        settings: where to look.
        progress: told in a sentence what takes time.
        download: whether Kaggle may be asked; if that fails the synthetic set is taken
            and its message says why.

    Raises:
        DatasetMissingError: ``BLOODCELLS_DATA_DIR`` is set to a folder without class folders.
        DatasetError: not even the synthetic set can be written.
    """
    found = on_disk(settings)
    if found is not None:
        return found
    reason = "No real cell images on this machine yet."
    if download:
        try:
            return fetch(settings, progress)
        except DatasetError as error:
            reason = str(error)
            _tell(progress, reason)
    return _synthetic(settings, progress, reason)


def fetch(settings: Settings, progress: Notify | None = None) -> DataSource:
    """The data set from Kaggle; goes on where an earlier download stopped.

    Raises:
        DatasetError: it may not or could not be fetched; the message says which and why.
    """
    if not settings.download:
        raise DatasetError(
            "Downloads are switched off (BLOODCELLS_DOWNLOAD). Put the images into "
            f"{settings.state_dir / 'bloodcells_dataset'} or set BLOODCELLS_DATA_DIR."
        )
    _tell(progress, f"Downloading {HANDLE} from Kaggle.")
    folder = class_root(_download())
    if folder is None:
        raise DatasetError(f"The download of {HANDLE} holds no class folders.")
    return _source(folder, "Kaggle", "Downloaded from Kaggle.")


def on_disk(settings: Settings) -> DataSource | None:
    """The real images that are here already, None if there are none.

    Raises:
        DatasetMissingError: ``BLOODCELLS_DATA_DIR`` is set to a folder without class folders.
    """
    if settings.data_dir is not None:
        root = class_root(settings.data_dir)
        if root is None:
            raise DatasetMissingError(
                f"BLOODCELLS_DATA_DIR is {settings.data_dir}, but no class folders are there. It "
                f"should hold folders of images named {', '.join(taxonomy.KEYS)}."
            )
        return _source(root, "Own folder", f"Set by BLOODCELLS_DATA_DIR: {root}.")
    own = settings.state_dir / "bloodcells_dataset"
    if (root := class_root(own)) is not None:
        return _source(root, "Data folder", f"Found in {root}.")
    if (cached := _kaggle_cache()) is not None and (root := class_root(cached)) is not None:
        return _source(root, "Kaggle", f"Found in Kaggle's cache: {root}.")
    return None


def named_folder(root: Path) -> DataSource:
    """The images in a folder of class folders that somebody names."""
    return _source(root, "Named folder", f"Named by who asked: {root}.")


def _source(root: Path, origin: str, message: str) -> DataSource:
    return DataSource(root, origin, (root / MARKER).exists(), message)


def _kaggle_cache() -> Path | None:
    from kagglehub.cache import Cache
    from kagglehub.handle import parse_dataset_handle

    path = Cache().load_from_cache(parse_dataset_handle(HANDLE))
    return Path(path) if path else None


def _download() -> Path:
    import kagglehub
    import requests

    logging.getLogger("kagglehub").setLevel(logging.WARNING)
    try:
        return Path(kagglehub.dataset_download(HANDLE))
    except requests.exceptions.SSLError as error:  # a ConnectionError, but no network helps
        raise DatasetError(
            "Kaggle's certificate is not trusted here, as behind a proxy that looks into TLS. Set "
            "REQUESTS_CA_BUNDLE to a file with that proxy's certificate and start again."
        ) from error
    except (requests.ConnectionError, requests.Timeout) as error:
        raise DatasetError(
            "Kaggle cannot be reached. Check the network and try again; a download goes on "
            "where it stopped."
        ) from error
    except requests.HTTPError as error:  # KaggleApiHTTPError is one
        raise DatasetError(f"Kaggle refused the download: {error}") from error
    except Exception as error:  # kagglehub's own errors share no base class
        raise DatasetError(f"The download from Kaggle failed: {error}") from error


def _synthetic(settings: Settings, progress: Notify | None, reason: str) -> DataSource:
    root = settings.state_dir / "synthetic"
    if not (root / MARKER).exists():
        _tell(progress, "Drawing the synthetic images.")
        _write_synthetic(root)
    return DataSource(
        root, "Synthetic", True, f"{reason} These are synthetic images: drawn, not photographed."
    )


def _write_synthetic(root: Path) -> None:
    try:
        with replacing_folder(root) as draft:
            _draw(draft)
    except OSError as error:
        raise DatasetError(f"The synthetic set cannot be written to {root}: {error}.") from error


def _draw(root: Path) -> None:
    from core.dataset.synthetic import write_dataset

    write_dataset(root, _SYNTHETIC_PER_CLASS)


def _tell(progress: Notify | None, sentence: str) -> None:
    if progress is not None:
        progress(sentence)
