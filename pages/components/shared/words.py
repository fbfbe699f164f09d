"""Other people's words on a page: names of files, folders, people, models, and what errors say.

Most of what Streamlit draws is Markdown: labels, captions, messages, the cells of ``st.table``.
There a file's name could fetch an image from a stranger's server or be a link to it.

st.caption(f"{plain(file.name)}, 12 kB")
"""

import re

_SIGNS = re.compile(r"[\\`*~\[\]<>$#|&]")  # "$" begins a formula
_AT_AN_EDGE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # inside a word it is a letter like others
# The page looks for addresses after it has taken the backslashes away, so only what stands
# within an address and is not seen, a word joiner, keeps it from being a link.
_ADDRESS = re.compile(r"(?<=https:)(?=//)|(?<=http:)(?=//)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
_UNSEEN = "\u2060"


def plain(words: object) -> str:
    """Markdown that shows the words as they are, on one line: no image, link, HTML or formula."""
    text = " ".join(str(words).split())
    for signs in (_SIGNS, _AT_AN_EDGE):
        text = signs.sub(r"\\\g<0>", text)
    return _ADDRESS.sub(_UNSEEN, text)
