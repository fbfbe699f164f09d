"""What a cache was made by: a fingerprint of code, so that none outlives what it is from."""

import ast
import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def of_code(*modules: str) -> str:
    """16 hex digits over what these modules say to do; comments, docstrings and layout are no part.

    Args:
        modules: dotted names, of a package with all that is in it; what they import counts only
            where it is named, too.
    """
    digest = hashlib.sha256()
    for name in modules:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"There is no module {name} to take the fingerprint of.")
        for file in _files(Path(spec.origin), is_package=bool(spec.submodule_search_locations)):
            digest.update(_meaning(file.read_text(encoding="utf-8")).encode())
    return digest.hexdigest()[:16]


def _files(origin: Path, *, is_package: bool) -> list[Path]:
    return sorted(origin.parent.rglob("*.py")) if is_package else [origin]


def _meaning(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)
