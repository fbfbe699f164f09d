"""What ends a session, and what a token must be."""

import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import jwt
import pytest

from core.access import accounts, rows, sessions, signin
from core.access.accounts import Account, Role
from core.errors import SettingsError, SignInError
from core.records import schema
from core.records.store import Store
from core.settings import Settings
from core.settings import settings as current_settings
from tests.threads import at_once

GetAccount = Callable[[Role], Account]

ENDINGS: dict[str, Callable[[Store, Account], None]] = {
    "sign-out": accounts.sign_out,
    "a new password": lambda store, a: accounts.set_password(
        store, a.username, "another one, long"
    ),
    "a new role": lambda store, a: accounts.set_role(store, a.username, Role.SCIENTIST),
    "disabling": lambda store, a: accounts.disable(store, a.username),
}


def forged(of: Account, settings: Settings, **changes: object) -> str:
    """A token of an account with other claims in it; None takes one away."""
    options = {"verify_signature": False}
    claims = jwt.decode(sessions.issue(of, settings), options=options) | changes
    return jwt.encode(
        {k: v for k, v in claims.items() if v is not None},
        sessions.cookie_key(settings),
        algorithm="HS256",
    )


def test_a_token_speaks_for_its_account(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    token = sessions.issue(account(Role.CLINICIAN), settings)
    assert sessions.account_of(store, token, settings) == account(Role.CLINICIAN)


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_a_copied_token_is_dead_after(
    store: Store,
    settings: Settings,
    account: GetAccount,
    ending: Callable[[Store, Account], None],
) -> None:
    token = sessions.issue(account(Role.CLINICIAN), settings)
    ending(store, account(Role.CLINICIAN))
    assert sessions.account_of(store, token, settings) is None
    assert sessions.resume(store, token, settings) is None


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_a_clock_that_is_set_back_brings_no_ended_session_to_life(
    store: Store,
    settings: Settings,
    account: GetAccount,
    ending: Callable[[Store, Account], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class HourAgo(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "HourAgo":
            return super().now(tz) - timedelta(hours=1)

    token = sessions.issue(account(Role.CLINICIAN), settings)
    monkeypatch.setattr(rows, "datetime", HourAgo)
    ending(store, account(Role.CLINICIAN))
    assert sessions.account_of(store, token, settings) is None


def test_a_token_fits_no_account_of_another_database(
    store: Store, settings: Settings, account: GetAccount, tmp_path: Path
) -> None:
    token = sessions.issue(account(Role.CLINICIAN), settings)
    url = f"sqlite:///{tmp_path / 'other.db'}"
    schema.migrate(url)
    other = Store(url)
    there = accounts.create(other, "admin", "", Role.ADMIN, "correct horse battery")
    assert there.id == account(Role.CLINICIAN).id
    assert sessions.account_of(other, token, settings) is None


def test_only_who_had_a_session_learns_that_the_account_is_disabled(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    token = sessions.issue(account(Role.CLINICIAN), settings)
    assert not sessions.ended_by_disabling(store, token, settings)
    accounts.disable(store, Role.CLINICIAN)
    assert sessions.ended_by_disabling(store, token, settings)
    over = forged(account(Role.CLINICIAN), settings, exp=datetime.now(UTC) - timedelta(hours=1))
    assert not sessions.ended_by_disabling(store, over, settings)
    other_key = jwt.encode(jwt.decode(token, options={"verify_signature": False}), "x" * 32)
    assert not sessions.ended_by_disabling(store, other_key, settings)
    accounts.enable(store, Role.CLINICIAN)
    assert not sessions.ended_by_disabling(store, token, settings)


def test_enabling_does_not_bring_old_sessions_back(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    token = sessions.issue(account(Role.CLINICIAN), settings)
    accounts.disable(store, "clinician")
    accounts.enable(store, "clinician")
    assert sessions.account_of(store, token, settings) is None


def test_the_next_sign_in_after_a_sign_out_holds(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    accounts.sign_out(store, account(Role.CLINICIAN))
    token = sessions.issue(account(Role.CLINICIAN), settings)
    assert sessions.resume(store, token, settings) is not None


def test_a_locked_account_does_not_come_in_by_cookie_but_its_running_session_goes_on(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    token = sessions.issue(account(Role.CLINICIAN), settings)
    for _ in range(settings.lockout_attempts):
        with pytest.raises(SignInError):
            signin.sign_in(store, "clinician", "wrong", settings)
    assert sessions.resume(store, token, settings) is None
    assert sessions.account_of(store, token, settings) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": datetime(2020, 1, 1, tzinfo=UTC)},
        {"exp": None},
        {"iat": None},
        {"num": None},
        {"num": -1},
        {"sub": "999"},
    ],
    ids=str,
)
def test_a_token_that_is_over_or_lacks_something_is_refused(
    store: Store, settings: Settings, account: GetAccount, changes: dict[str, object]
) -> None:
    of = account(Role.CLINICIAN)
    assert sessions.account_of(store, forged(of, settings), settings) is not None
    assert sessions.account_of(store, forged(of, settings, **changes), settings) is None


def test_a_token_signed_with_another_key_or_none_is_refused(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    claims = jwt.decode(
        sessions.issue(account(Role.CLINICIAN), settings), options={"verify_signature": False}
    )
    other = jwt.encode(claims, "another key of thirty-two bytes!!", algorithm="HS256")
    unsigned = jwt.encode(claims, None, algorithm="none")
    assert sessions.account_of(store, other, settings) is None
    assert sessions.account_of(store, unsigned, settings) is None
    assert sessions.account_of(store, "no token", settings) is None


def test_a_token_lasts_a_day_at_most(
    settings: Settings, account: GetAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sessions.issue(account(Role.CLINICIAN), settings)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert 0 < claims["exp"] - claims["iat"] <= 24 * 3600
    monkeypatch.setenv("BLOODCELLS_SESSION_HOURS", "25")
    current_settings.cache_clear()
    with pytest.raises(SettingsError, match="SESSION_HOURS"):
        current_settings()


def test_the_key_is_made_once_long_and_for_its_owner_alone(settings: Settings) -> None:
    key = sessions.cookie_key(settings)
    file = settings.state_dir / "cookie_key"
    assert len(bytes.fromhex(key)) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sessions.cookie_key(settings) == key
    assert [p.name for p in settings.state_dir.iterdir()] == ["cookie_key"]


def test_a_short_key_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLOODCELLS_COOKIE_KEY", "short")
    current_settings.cache_clear()
    with pytest.raises(SettingsError, match="32 bytes"):
        current_settings()


@pytest.mark.parametrize("round_", range(10))
def test_threads_that_start_at_once_sign_with_the_key_that_is_kept(
    settings: Settings, round_: int
) -> None:
    given = at_once(4, lambda _: sessions.cookie_key(settings))
    assert set(given) == {sessions.cookie_key(settings)}
