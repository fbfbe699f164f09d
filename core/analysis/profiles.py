"""Laboratory profiles, kept as one JSON file each."""

from pathlib import Path
from typing import Annotated

from pydantic import TypeAdapter, ValidationError

from core.access.permissions import Action, require
from core.access.rows import Actor, name_of
from core.errors import ProfileError
from core.files import write_first
from core.records import audit
from core.records.store import Store
from core.settings import Settings
from core.vision.profile import Profile

_NAME: TypeAdapter[str] = TypeAdapter(Annotated[str, Profile.model_fields["name"]])


def keep_profile(store: Store, settings: Settings, by: Actor, profile: Profile) -> None:
    """Keeps a profile that somebody decided for, with its entry in the audit trail.

    Raises:
        NotAllowedError: ``by`` may not.
        ProfileError: as ``save_profile``; nothing is noted.
    """
    with store.write() as session:
        require(session, by, Action.MAKE_PROFILE)
        save_profile(profile, settings)
        told = {"cells": profile.cells, "hash": profile.hash}
        audit.add(session, name_of(by), "laboratory_profile_kept", profile.name, told)


def save_profile(profile: Profile, settings: Settings) -> Path:
    """Keeps a profile under its name, which it has for good; gives its file.

    Raises:
        ProfileError: another one has that name, or the file cannot be written.
    """
    file, text = settings.profiles_dir / f"{profile.name}.json", profile.model_dump_json(indent=2)
    try:
        kept = write_first(file, f"{text}\n")
    except OSError as error:
        raise ProfileError(
            f"The profile cannot be kept ({error}). Free some space in {settings.profiles_dir}, or "
            "let this process write there."
        ) from error
    if kept != f"{text}\n":  # somebody was first
        raise _taken(profile.name)
    return file


def check_profile_name(name: str, settings: Settings) -> None:
    """Says before the long work what would be said after it.

    Raises:
        ProfileError: it cannot be a name, or another profile has it.
    """
    try:
        _NAME.validate_python(name)
    except ValidationError:
        raise ProfileError(
            "A profile's name has up to 64 letters, digits, '-', '_' and '.', no others. "
            "Choose another name."
        ) from None
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
