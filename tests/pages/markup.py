"""What of a drawn page would act as markup: images that are fetched, links, HTML."""

import re
from collections.abc import Iterator, Sequence

from google.protobuf.message import Message
from markdown_it import MarkdownIt
from markdown_it.token import Token
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Element, Node

STRANGER = "evil.example"
_TAG = f"<b title={STRANGER}>"
NAME = f"![x](http://{STRANGER}/x.png) [a](http://{STRANGER}) {_TAG}http://{STRANGER} _i_ $x$.jpg"
# What a file on the disk may be called: no slash.
FILE = f"![x](x.{STRANGER}) [a](x.{STRANGER}) {_TAG}www.{STRANGER} me@{STRANGER} _i_ $x$"
_WORDS = ("body", "label", "help", "caption", "text", "content", "title")
_PLAIN = {"text", "code", "selectbox", "multiselect", "file_uploader", "arrow_data_frame"}
# As the page does it: addresses are looked for in what is left once the Markdown is read.
_ADDRESS = re.compile(r"(https?://|www(?=\.))[-.\w]+|[-.\w+]+@[-\w]+(\.[-\w]+)+", re.IGNORECASE)


def acting(app: AppTest) -> list[str]:
    """What of the stranger's words would act on a page; nothing where all is well."""
    assert not app.exception
    found = [words for node in _nodes(app._tree) for words in _markdown_of(node)]
    return [words for words in found if acts(words)]


def acts(words: str) -> bool:
    """Whether some Markdown makes an image, a link, HTML or emphasis of the stranger's words."""
    return any(_acts(token) for token in _tokens(MarkdownIt("commonmark").parse(words)))


def _acts(token: Token) -> bool:
    if token.type == "text":
        return any(STRANGER in found[0] for found in _ADDRESS.finditer(token.content))
    target = str(token.attrGet("src") or token.attrGet("href") or "")
    return STRANGER in target or (token.type.startswith("html") and STRANGER in token.content)


def _tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or [])


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children.values() if isinstance(node, Block) else ():
        yield from _nodes(child)


def _markdown_of(node: Node) -> Iterator[str]:
    if not isinstance(node, Element | Block) or node.type in _PLAIN:
        return
    if node.type in ("table", "arrow_table"):
        yield from (str(cell) for cell in node.value.to_numpy().ravel())
        return
    if proto := getattr(node, "proto", None):
        yield from _strings(proto)


def _strings(proto: Message) -> Iterator[str]:
    for field, value in proto.ListFields():
        several = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        for one in several:
            if isinstance(one, Message):
                yield from _strings(one)
            elif field.name in _WORDS:
                yield str(one)
