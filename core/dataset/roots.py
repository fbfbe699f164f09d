"""Which folder holds the class folders, however deep an archive put them."""

from pathlib import Path

from core.errors import DatasetError
from core.image_files import is_litter
from core.taxonomy import is_known

_NESTED = 2  # folders that an archive may wrap around the class folders


def class_root(folder: Path) -> Path | None:
    """``folder`` or the folder inside it that holds class folders, None if there is none.

    Raises:
        DatasetError: several do, such as TRAIN and TEST.
    """
    found = _class_roots(folder)
    if len(found) > 1:
        raise _several(folder, found)
    return found[0] if found else None


def require_one_level(root: Path) -> None:
    """Refuses a folder whose class folders lie in several folders, such as TRAIN and TEST.

    Raises:
        DatasetError: it is one; names them.
    """
    found = _class_roots(root)
    if len(found) > 1:
        raise _several(root, found)


def folders_in(folder: Path) -> list[Path]:
    """The folders in a folder but litter, in order; none where it cannot be read."""
    try:
        return sorted(p for p in folder.iterdir() if p.is_dir() and not is_litter(p.name))
    except OSError:
        return []


def unreadable(error: OSError) -> DatasetError:
    """What is told of a folder that cannot be looked through."""
    return DatasetError(
        f"{error.filename} cannot be read: {error.strerror}. Allow it, or take it away."
    )


def _class_roots(folder: Path) -> list[Path]:
    """The uppermost folders that hold class folders, those of one level."""
    level = [folder]
    for _ in range(_NESTED + 1):
        inside = {candidate: folders_in(candidate) for candidate in level}
        found = [
            candidate
            for candidate, children in inside.items()
            if any(is_known(child.name) for child in children)
        ]
        if found:
            return found
        level = [child for children in inside.values() for child in children]
    return []


def _several(folder: Path, found: list[Path]) -> DatasetError:
    names = ", ".join(one.relative_to(folder).as_posix() for one in found)
    return DatasetError(
        f"{folder} holds several folders of class folders: {names}. Name the one that you mean, or "
        "put the images of each class into one folder."
    )
