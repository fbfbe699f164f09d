"""The kinds of long work there are, by name; a row of the table can ask for no other code.

The modules are named, not imported: jobs knows nothing of what is done in them. Each has a
function ``work(request, context)`` that gives the outcome as a dict ready for JSON.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from core.work import Context

HEAVY, DOWNLOADS = "heavy", "downloads"
LANES = (HEAVY, DOWNLOADS)

Work = Callable[[dict[str, Any], Context], dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """What is to be known of a kind of work before it begins.

    Attributes:
        module: dotted name of the module whose ``work`` does it.
        lane: of the work of one lane, one at a time runs on a machine.
        resumable: goes on where it was when its process is gone.
        keeps_folder: what lies in the folder is part of the outcome, until it is dismissed.
    """

    module: str
    lane: str = HEAVY
    resumable: bool = False
    keeps_folder: bool = False

    def load(self) -> Work:
        """The function that does the work; imports what it needs."""
        work: Work = import_module(self.module).work
        return work


KINDS = {
    "training": Kind("core.training.runs.work", resumable=True),
    "adaptation": Kind("core.training.adapt.job"),
    "evaluation": Kind("core.evaluation.job"),
    "laboratories": Kind("core.evaluation.laboratory_job"),
    "profile": Kind("core.analysis.profile_job", keeps_folder=True),
    "download": Kind("core.dataset.download", lane=DOWNLOADS),
}


def of_lane(lane: str) -> list[str]:
    """The kinds that share this lane."""
    return [name for name, kind in KINDS.items() if kind.lane == lane]
