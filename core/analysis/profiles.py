"""Laboratory profiles, kept as one JSON file each."""

from pathlib import Path

from pydantic import ValidationError

from core.errors import ProfileError
from core.files import write_text
from core.settings import Settings
from core.vision.profile import Profile


def save_profile(profile: Profile, settings: Settings) -> Path:
    """Keeps a profile under its name, in place of an earlier one; gives its file."""
    file = settings.profiles_dir / f"{profile.name}.json"
    write_text(file, profile.model_dump_json(indent=2) + "\n")
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
