"""A map on which cells that the network takes for alike lie together.

    places = cell_map(result, settings.evaluations_dir)

Near each other is alike; how far clusters lie from each other, and how large they are, means
nothing.

Source: van der Maaten and Hinton 2008, Visualizing Data using t-SNE, JMLR 9:2579; start and
reading after Kobak and Berens 2019, Nature Communications 10:5416.
"""

import hashlib
import zipfile
from pathlib import Path

import numpy as np

from core.evaluation.results import EvaluationResult, result_path
from core.files import replacing
from core.fingerprint import of_code

MOST = 3000
FEWEST = 10
_COMPONENTS = 50
_PERPLEXITY = 30.0


def can_be_mapped(result: EvaluationResult) -> bool:
    """Whether there are embeddings, and cells enough to lay out."""
    return len(result) >= FEWEST and result.embedding.shape[1] > 1


def map_file(folder: Path, result: EvaluationResult) -> Path:
    """Where a result's map is kept: beside the result."""
    return result_path(folder, result.bundle, result.split).with_suffix(".map.npz")


def cell_map(
    result: EvaluationResult, folder: Path, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """The samples on the map, (M,) int64 rows of the result, and where they lie, (M, 2) float32.

    M is at most ``MOST``, drawn with the seed. Computed once and then kept in ``map_file``.

    Args:
        result: one that ``can_be_mapped``.
        folder: where evaluations are kept.
    """
    rows = _drawn(len(result), seed)
    vectors = result.embedding[rows].astype(np.float32)
    digest = hashlib.sha256(vectors.tobytes() + of_code(__name__).encode()).hexdigest()
    file = map_file(folder, result)
    places = _kept(file, digest)
    if places is None:
        places = _laid_out(vectors, seed)
        with replacing(file, durable=False) as part, part.open("wb") as opened:
            np.savez_compressed(opened, of=np.array(digest), places=places)
    return rows, places


def _drawn(n: int, seed: int) -> np.ndarray:
    if n <= MOST:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, MOST, replace=False))


def _kept(file: Path, digest: str) -> np.ndarray | None:
    try:
        with np.load(file, allow_pickle=False) as stored:
            return stored["places"] if str(stored["of"]) == digest else None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _laid_out(vectors: np.ndarray, seed: int) -> np.ndarray:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    count = min(_COMPONENTS, *vectors.shape)
    reduced = PCA(count, random_state=seed).fit_transform(vectors)
    perplexity = min(_PERPLEXITY, (len(vectors) - 1) / 3)
    layout = TSNE(perplexity=perplexity, init="pca", random_state=seed)
    return np.asarray(layout.fit_transform(reduced), dtype=np.float32)
