"""The rules for passwords, and the check that tells nobody which names there are."""

import sys
import unicodedata

import bcrypt
import pytest

from core.access import passwords
from core.errors import InvalidAccountError


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "ROUNDS", 4)


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("elevenchars", "at least 12"),
        ("x" * 73, "longer than 72 bytes"),
        ("ä" * 37, "longer than 72 bytes"),
        ("Florence.Sabin", "user name"),
        (" leading space", "space"),
    ],
)
def test_a_password_that_breaks_a_rule_is_refused(password: str, says: str) -> None:
    with pytest.raises(InvalidAccountError, match=says):
        passwords.check(password, "florence.sabin")


@pytest.mark.parametrize("password", ["twelve chars", "x" * 72, "ä" * 36])
def test_a_password_within_the_rules_is_taken_and_fits(password: str) -> None:
    passwords.check(password, "florence.sabin")
    assert passwords.fits(password, passwords.hashed(password))


def test_more_than_72_bytes_never_fit_even_where_the_first_72_do() -> None:
    assert not passwords.fits("x" * 73, passwords.hashed("x" * 72))


@pytest.mark.parametrize("kept", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_one_password_however_the_keyboard_makes_its_letters(kept: str, typed: str) -> None:
    password = "Käsebrötchen für alle"
    hashed = passwords.hashed(unicodedata.normalize(kept, password))
    assert passwords.fits(unicodedata.normalize(typed, password), hashed)
    before = bcrypt.hashpw(unicodedata.normalize(kept, password).encode(), bcrypt.gensalt(4))
    assert passwords.fits(unicodedata.normalize(typed, password), before.decode())


def test_the_rules_are_the_same_for_both() -> None:
    passwords.check(unicodedata.normalize("NFD", "ä" * 36), "somebody")
    with pytest.raises(InvalidAccountError, match="at least 12"):
        passwords.check(unicodedata.normalize("NFD", "ä" * 11), "somebody")


def test_an_unknown_name_costs_a_hash_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[bytes] = []
    real = bcrypt.checkpw
    monkeypatch.setattr(bcrypt, "checkpw", lambda p, h: checked.append(h) or real(p, h))
    assert not passwords.fits("nobody's password", None)
    assert len(checked) == 1


ACCENTS = "\u0301" * 16_000 + "\u0316" * 16_000  # putting these in order takes seconds


def test_a_stranger_s_accents_are_not_put_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []
    real = unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", lambda f, t: lengths.append(len(t)) or real(f, t))
    assert not passwords.fits(ACCENTS, passwords.hashed("nobody's password"))
    with pytest.raises(InvalidAccountError, match="longer than 72 bytes"):
        passwords.check(ACCENTS, "somebody")
    assert max(lengths) < 300


def test_what_is_cut_is_too_long_whatever_it_is_made_of() -> None:
    made_of = {len(unicodedata.normalize("NFD", chr(code))) for code in range(sys.maxunicode + 1)}
    assert max(made_of) * passwords.MAX_BYTES == passwords.MOST_TYPED
    longest = unicodedata.normalize("NFD", "\u1f82" * 24)  # 72 bytes once composed
    passwords.check(longest, "somebody")
    assert passwords.fits(longest, passwords.hashed("\u1f82" * 24))
