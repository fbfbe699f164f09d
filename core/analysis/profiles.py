"""Laboratory profiles, kept as one JSON file each."""

from pathlib import Path

from pydantic import ValidationError

from core.errors import ProfileError
from core.files import write_first
from core.settings import Settings
from core.vision.profile import Profile


def save_profile(profile: Profile, settings: Settings) -> Path:
    """Keeps a profile under its name, which it has for good; gives its file.

    Raises:
        ProfileError: another one has that name.
    """
    file, text = settings.profiles_dir / f"{profile.name}.json", profile.model_dump_json(indent=2)
    if write_first(file, f"{text}\n") != f"{text}\n":  # somebody was first
        raise _taken(profile.name)
    return file


def check_profile_name(name: str, settings: Settings) -> None:
    """Says before the long work what ``save_profile`` would say after it.

    Raises:
        ProfileError: another profile has that name.
    """
    if name in profile_names(settings):
        raise _taken(name)


def _taken(name: str) -> ProfileError:
    return ProfileError(f"There is a laboratory profile {name} already. Choose another name.")


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
