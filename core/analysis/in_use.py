"""Which bundle answers, and under which laboratory profile: one choice an installation."""

import json
from dataclasses import asdict, dataclass

from core.files import write_text
from core.settings import Settings

FILE = "in_use.json"


@dataclass(frozen=True)
class InUse:
    """What answers are given with.

    Attributes:
        bundle: name of the bundle.
        profile: name of the laboratory profile; None for none.
    """

    bundle: str
    profile: str | None = None


def in_use(settings: Settings) -> InUse:
    """What was put in use last; the bundle of the settings where nothing was."""
    try:
        known = json.loads((settings.state_dir / FILE).read_bytes())
        return InUse(known["bundle"], known["profile"])
    except (OSError, ValueError, KeyError, TypeError):
        return InUse(settings.bundle)


def put_in_use(chosen: InUse, settings: Settings) -> None:
    """From the next answer on, in every process of this installation."""
    write_text(settings.state_dir / FILE, json.dumps(asdict(chosen)))
