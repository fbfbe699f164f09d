"""Passwords: the rules, the hash, and a check that costs the same for everybody.

A letter such as "ä" is one character or two, as the keyboard has it; both are the same password.
"""

import unicodedata
from functools import cache
from typing import Literal

import bcrypt

from core.errors import InvalidAccountError

MIN_CHARACTERS = 12
MAX_BYTES = 72  # bcrypt reads no further
MOST_TYPED = 4 * MAX_BYTES  # no character is made of more than four: more of them are too long
ROUNDS = 12
RULES = (
    f"At least {MIN_CHARACTERS} characters, at most {MAX_BYTES} bytes, not the user name. "
    "A few words in a row are easy to keep in mind."
)


def check(password: str, username: str) -> None:
    """Returns if this password may be used.

    Raises:
        InvalidAccountError: it breaks a rule; the message says which.
    """
    password = _in_form("NFC", password)
    if len(password) < MIN_CHARACTERS:
        raise InvalidAccountError(f"The password needs at least {MIN_CHARACTERS} characters.")
    if len(password.encode()) > MAX_BYTES:
        raise InvalidAccountError(f"The password is longer than {MAX_BYTES} bytes. Shorten it.")
    if password != password.strip():
        raise InvalidAccountError("The password may not begin or end with a space.")
    if password.casefold() == username.casefold():
        raise InvalidAccountError("The password may not be the user name. Choose another.")


def hashed(password: str) -> str:
    """The bcrypt hash to store."""
    secret = _in_form("NFC", password).encode()
    return bcrypt.hashpw(secret, bcrypt.gensalt(ROUNDS)).decode()


def fits(password: str, password_hash: str | None) -> bool:
    """Whether a password fits; without an account (None) it costs as much and never fits."""
    known = (password_hash or _dummy_hash()).encode()
    # Hashes from before both were one password may be of either form.
    forms = dict.fromkeys(_in_form(form, password) for form in ("NFC", "NFD"))
    fitting = [_fits(secret.encode(), known) for secret in forms]
    return any(fitting) and password_hash is not None


def _in_form(form: Literal["NFC", "NFD"], password: str) -> str:
    """A password in a form; what can only be too long is cut first, for accents take time squared.

    The cut one is too long as well.
    """
    return unicodedata.normalize(form, password[: MOST_TYPED + 1])


def _fits(secret: bytes, known: bytes) -> bool:
    checked = bcrypt.checkpw(secret[:MAX_BYTES], known)
    return checked and len(secret) <= MAX_BYTES


@cache
def _dummy_hash() -> str:
    return hashed("nobody's password")
