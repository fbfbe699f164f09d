"""Which bundle answers, and under which laboratory profile: one choice an installation."""

import json
import os
from dataclasses import asdict, dataclass

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
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    part = settings.state_dir / f"{FILE}.{os.getpid()}.part"
    part.write_text(json.dumps(asdict(chosen)), encoding="utf-8")
    part.replace(settings.state_dir / FILE)
