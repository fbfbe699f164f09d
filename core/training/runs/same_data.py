"""Which images a run began with and how they were split, so that it never goes on with others."""

import hashlib
import json
from pathlib import Path

import pandas as pd

from core.dataset.catalogue import Catalogue
from core.errors import RunError
from core.files import write_text

DATA_FILE = "data.json"
CHECKPOINT_FILE = "checkpoint.ckpt"


def require_same_data(run_dir: Path, catalogue: Catalogue, splits: pd.Series) -> None:
    """Notes the images and their split as a run begins; later lets it go on with these alone.

    The split is made from the images: one more deals others anew, and images that a run was
    trained on would come up in its validation and test.

    Raises:
        RunError: it has a whole epoch that was trained on others.
    """
    file = run_dir / DATA_FILE
    split = hashlib.sha256(splits.to_csv().encode()).hexdigest()
    now = {"fingerprint": catalogue.fingerprint, "split": split}
    # Runs of before this was noted are taken at their word.
    if not file.exists() or not (run_dir / CHECKPOINT_FILE).exists():
        write_text(file, json.dumps(now, indent=2) + "\n")
    elif json.loads(file.read_text(encoding="utf-8")) != now:
        raise RunError(
            f"The images in {catalogue.root}, or their split, are not those that this run began "
            "with. It would be measured on images that it was trained on. Put the images back as "
            "they were, or start a new run."
        )
