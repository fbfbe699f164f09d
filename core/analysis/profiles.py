"""Laboratory profiles, kept as one JSON file each."""

import os
from pathlib import Path

from pydantic import ValidationError

from core.errors import ProfileError
from core.settings import Settings
from core.vision.profile import Profile


def save_profile(profile: Profile, settings: Settings) -> Path:
    """Keeps a profile under its name, in place of an earlier one; gives its file."""
    settings.profiles_dir.mkdir(parents=True, exist_ok=True)
    file = settings.profiles_dir / f"{profile.name}.json"
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.write_text(profile.model_dump_json(indent=2) + "\n", encoding="utf-8")
    part.replace(file)
    return file


def load_profile(name: str, settings: Settings) -> Profile:
    """The profile of that name.

    Raises:
        ProfileError: there is none, or its file is damaged.
    """
    known = profile_names(settings)
    if name not in known:
        there = ", ".join(known) or "none yet; make one first"
        raise ProfileError(f"No laboratory profile named {name!r}. There are: {there}.")
    try:
        return Profile.model_validate_json((settings.profiles_dir / f"{name}.json").read_bytes())
    except (OSError, ValidationError) as error:
        raise ProfileError(f"Laboratory profile {name} is damaged. Make it again.") from error


def profile_names(settings: Settings) -> list[str]:
    """All that are kept, by name."""
    found = settings.profiles_dir.glob("*.json")
    return sorted(file.stem for file in found if not file.name.startswith("."))
