"""Markdown made of parts, some of which are other people's words and must not act as Markdown."""

import re
from collections.abc import Iterable, Sequence

_SIGNS = re.compile(r"[\\`*\[\]<>$#]")  # "$" begins a formula on a page


def escaped(text: str) -> str:
    """The words as they are, on one line; addresses in them stay addresses."""
    return _SIGNS.sub(r"\\\g<0>", " ".join(text.split()))


def code(text: str) -> str:
    """A name, e.g. of a file, letter by letter; what cannot be shown becomes a question mark."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if len(fence) > 1 else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; bars in a cell are told apart from those between cells."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )
