"""The data set as pages see it: source, catalogue and split, shared by all sessions."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import pandas as pd
import streamlit as st

from core.access.permissions import Action, ask
from core.dataset import download, splits
from core.dataset.catalogue import Catalogue, update_catalogue
from core.dataset.sources import DataSource, locate
from core.errors import DatasetError
from core.parallel import Progress
from core.settings import settings
from pages.components.shared import job, resources
from pages.components.shared.words import plain
from pages.components.shell import guard


@dataclass
class _Kept:
    lock: Lock = field(default_factory=Lock)
    catalogues: dict[Path, Catalogue] = field(default_factory=dict)


def source() -> DataSource:
    """Where the images come from; draws what it does while it takes time.

    Raises:
        DatasetError: there are none, not even synthetic ones.
    """
    word = st.empty()
    found = locate(settings(), lambda sentence: word.caption(plain(sentence)))
    word.empty()
    return found


def catalogue(*, reread: bool = False) -> Catalogue:
    """The catalogue of the data set in use; draws progress while images are read.

    Args:
        reread: look again for new, changed and deleted files.

    Raises:
        DatasetError: there are no images, or they cannot be read.
    """
    return catalogue_of(source().root, reread=reread)


def catalogue_of(root: Path, *, reread: bool = False) -> Catalogue:
    """The catalogue of any folder of class folders, as ``catalogue`` gives it of the data set.

    Raises:
        DatasetError: there are no images, or they cannot be read.
    """
    kept = _kept()
    if not reread and root in kept.catalogues:
        return kept.catalogues[root]
    word = st.empty()
    word.caption("Looking for new images")
    with kept.lock:
        if reread or root not in kept.catalogues:
            kept.catalogues[root] = _read(root)
    word.empty()
    return kept.catalogues[root]


@st.cache_data(show_spinner=False, hash_funcs={Catalogue: lambda c: c.fingerprint})
def split(of: Catalogue, seed: int = 0) -> pd.Series:
    """The split name of each usable image, by sample id."""
    return splits.saved_split(of, settings().cache_dir, seed)


def offer_download() -> None:
    """Draws the way to the real images, for when there are only synthetic ones."""
    there = job.draw(download.KIND, action=Action.DOWNLOAD)
    if there and there.is_live:
        return
    if not settings().download:
        st.caption(
            "Downloads are switched off here. Set BLOODCELLS_DATA_DIR to a folder with one folder "
            "of images a class, and start the app again."
        )
    elif st.button("Get the data set", type="primary", icon=":material/download:"):
        account = guard.require()
        ask(resources.store(), account, Action.DOWNLOAD)
        resources.queue().submit(download.KIND, "", {}, by=account.id)
        st.rerun()


@st.cache_resource(show_spinner=False)
def _kept() -> _Kept:
    return _Kept()


def _read(root: Path) -> Catalogue:
    bar = st.empty()

    def shown(what: str) -> Progress:
        begun: list[tuple[float, int]] = []

        def show(done: int, total: int) -> None:
            begun.append((time.monotonic(), done))
            (first_s, first), (now_s, _) = begun[0], begun[-1]
            pace_s = (now_s - first_s) / max(done - first, 1)
            left = f", about {pace_s * (total - done):.0f} s left" if done > first else ""
            bar.progress(done / total, f"{what}: {done:,} of {total:,}{left}")

        return show

    try:
        return update_catalogue(
            root,
            settings().cache_dir,
            shown("Reading images"),
            shown("Comparing images, to find copies"),
        )
    except OSError as error:
        raise DatasetError(
            f"The catalogue cannot be kept: {error}. Make room or change it."
        ) from error
    finally:
        bar.empty()
