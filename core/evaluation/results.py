"""What an evaluation found, sample by sample, so that every figure opens into images.

result.samples_in(true="ig", predicted="neutrophil")
"""

import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from core.errors import ResultMissingError, ResultStaleError
from core.evaluation.mark import bundle_mark
from core.files import write_bytes
from core.vision.card.contents import AttributesCard, Card

_ARRAYS = ("truth", "probabilities", "outside", "attributes", "embedding")


@dataclass(frozen=True)
class OutsideCell:
    """A labelled cell that is none of the classes, and what the bundle made of it.

    Attributes:
        path: relative to the root of the data.
        kind: key of the kind outside the classes that it is labelled as.
        predicted: key of the class that is likeliest, if it were one of them.
        confidence: the probability of that class, in [0, 1].
        status: code of the prediction's status.
    """

    path: str
    kind: str
    predicted: str
    confidence: float
    status: str


@dataclass(frozen=True, eq=False)
class EvaluationResult:
    """Every prediction of one bundle on one set of labelled images.

    Attributes:
        bundle: name of the bundle; ``mark`` is its fingerprint, ``runtime`` what executed it.
        data_fingerprint: of the catalogue that the images are from.
        split: which part of it.
        synthetic: the bundle or the images are not of real cells.
        classes: those of the bundle, then those found only in the data; indexes ``truth``.
        sample_ids: (N,) paths relative to the root of the data.
        truth: (N,) int64, index into ``classes``.
        probabilities: (N, K) float64, rows sum to 1.
        subtypes: (N,) finer label or "".
        statuses: (N,) code of each prediction's status, as the decision rule that ships gives it.
        outside_kinds: (E,) keys of the kinds outside the classes that the bundle knows.
        outside: (N, E) float32, the probability of each of them against all others.
        outside_cells: the labelled cells that are none of the classes; no other figure has them.
        unreadable: path and reason of each image that could not be read.
        seconds: how long it took.
        attributes_card: names the values of ``attributes``, in their order; None where the bundle
            tells none.
        attributes: (N, A) float32, the probability of each attribute's values; A is 0 where the
            bundle tells none.
        embedding: (N, D) float16 of length 1; D is 0 for an older bundle.
    """

    bundle: str
    mark: str
    runtime: str
    data_fingerprint: str
    split: str
    synthetic: bool
    classes: tuple[str, ...]
    sample_ids: tuple[str, ...]
    truth: np.ndarray
    probabilities: np.ndarray
    subtypes: tuple[str, ...]
    statuses: tuple[str, ...]
    outside_kinds: tuple[str, ...] = ()
    outside: np.ndarray = field(default_factory=lambda: np.empty((0, 0), np.float32))
    outside_cells: tuple[OutsideCell, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    attributes_card: AttributesCard | None = None
    attributes: np.ndarray = field(default_factory=lambda: np.empty((0, 0), np.float32))
    embedding: np.ndarray = field(default_factory=lambda: np.empty((0, 0), np.float16))

    def __len__(self) -> int:
        return len(self.sample_ids)

    @property
    def predicted(self) -> np.ndarray:
        """(N,) index of the likeliest class."""
        return np.asarray(self.probabilities.argmax(axis=1))

    def confusion(self) -> np.ndarray:
        """(K, K) int64 counts; row: true class, column: predicted class."""
        size = len(self.classes)
        cells = np.bincount(self.truth * size + self.predicted, minlength=size * size)
        return cells.reshape(size, size)

    def samples(self) -> pd.DataFrame:
        """One row a sample.

        Columns: path, subtype, true, predicted, correct, confidence, status, p_<class>…
        """
        names = np.array(self.classes)
        table = pd.DataFrame(
            {
                "path": self.sample_ids,
                "subtype": self.subtypes,
                "true": names[self.truth],
                "predicted": names[self.predicted],
                "correct": self.truth == self.predicted,
                "confidence": self.probabilities.max(axis=1),
                "status": self.statuses,
            }
        )
        each = pd.DataFrame(self.probabilities, columns=[f"p_{key}" for key in self.classes])
        return pd.concat([table, each], axis=1)

    def samples_in(self, true: str | None = None, predicted: str | None = None) -> pd.DataFrame:
        """The rows of ``samples`` in a cell, row or column of the matrix, most confident first."""
        table = self.samples()
        if true is not None:
            table = table[table["true"] == true]
        if predicted is not None:
            table = table[table["predicted"] == predicted]
        return _most_confident_first(table)

    def errors(self) -> pd.DataFrame:
        """The rows of ``samples`` that are wrong, most confident first."""
        table = self.samples()
        return _most_confident_first(table[~table["correct"]])

    def save(self, folder: Path) -> Path:
        """Writes the result under ``folder / bundle``, whole or not at all; gives the file."""
        path = result_path(folder, self.bundle, self.split)
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        facts = {k: v for k, v in vars(self).items() if k not in arrays}
        facts["outside_cells"] = [vars(cell) for cell in self.outside_cells]
        if self.attributes_card is not None:
            facts["attributes_card"] = self.attributes_card.model_dump(mode="json")
        written = io.BytesIO()
        np.savez_compressed(written, facts=np.array(json.dumps(facts)), **arrays)
        write_bytes(path, written.getvalue())
        return path

    @classmethod
    def load(cls, path: Path) -> Self:
        """The result in a file that ``save`` wrote.

        Raises:
            ResultMissingError: there is none, or it cannot be read.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                facts = json.loads(str(stored["facts"]))
                arrays = {name: stored[name] for name in _ARRAYS}
            for name in ("classes", "sample_ids", "subtypes", "statuses", "outside_kinds"):
                facts[name] = tuple(facts[name])
            facts["outside_cells"] = tuple(OutsideCell(**cell) for cell in facts["outside_cells"])
            facts["unreadable"] = tuple((file, reason) for file, reason in facts["unreadable"])
            if facts["attributes_card"] is not None:
                facts["attributes_card"] = AttributesCard(**facts["attributes_card"])
            return cls(**facts, **arrays)
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise ResultMissingError(
                f"No evaluation can be read from {path.name}. Evaluate the model again."
            ) from error


def _most_confident_first(table: pd.DataFrame) -> pd.DataFrame:
    order = table.sort_values(["confidence", "path"], ascending=[False, True])
    return order.reset_index(drop=True)


def result_path(folder: Path, bundle: str, split: str) -> Path:
    """Where the result of a bundle on a split is kept."""
    return folder / bundle / f"{split}.npz"


def load_fitting(folder: Path, card: Card, split: str, data_fingerprint: str) -> EvaluationResult:
    """The saved result of this very bundle on this very data.

    Raises:
        ResultMissingError: never evaluated.
        ResultStaleError: evaluated, but the bundle or the data changed since.
    """
    result = EvaluationResult.load(result_path(folder, card.name, split))
    if result.mark != bundle_mark(card):
        raise ResultStaleError(
            f"{card.name} was evaluated by another version, of it or of this program. "
            "Evaluate it again."
        )
    if result.data_fingerprint != data_fingerprint:
        raise ResultStaleError(
            f"The images changed since {card.name} was evaluated. Evaluate again."
        )
    return result
