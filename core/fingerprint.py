"""What a cache was made by: a fingerprint of code, so that none outlives what it is from."""

import ast
import hashlib
from functools import cache
from pathlib import Path

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def _sources(package: Path) -> dict[str, bytes]:
    """The source of each module of a package, by dotted name."""
    found = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = file.read_bytes()
    return found


# Read once, as this process begins: it works on with this code when other code comes to the disk.
_AT_START = _sources(Path(__file__).parent)


@cache
def of_code(*modules: str) -> str:
    """16 hex digits over what these modules say to do; comments, docstrings and layout are no part.

    Args:
        modules: dotted names in ``core``, of a package with all that is in it; what they import
            counts only where it is named, too.
    """
    digest = hashlib.sha256()
    for name in modules:
        own = [one for one in _AT_START if f"{one}.".startswith(f"{name}.")]
        if not own:
            raise ModuleNotFoundError(f"There is no module {name} to take the fingerprint of.")
        for one in own:
            digest.update(_meaning(_AT_START[one]).encode())
    return digest.hexdigest()[:16]


def _meaning(source: bytes) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)
