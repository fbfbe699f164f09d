"""File names that strangers chose, made fit to be shown and logged."""

MAX_LENGTH = 120


def shown_name(name: str) -> str:
    """The name without path escapes, drive letters and unprintable characters, at most 120 long."""
    printable = "".join(c for c in name.replace("\\", "/") if c.isprintable())
    parts = [p for p in printable.split("/") if p not in ("", ".", "..") and not p.endswith(":")]
    return "/".join(parts)[-MAX_LENGTH:] or "unnamed"
