"""API keys from the command line."""

import json
from pathlib import Path

from tests.apps.conftest import Run


def test_a_key_is_made_listed_and_revoked(cli: Run, tmp_path: Path) -> None:
    cli("users", "add", "ada", "--role", "scientist", stdin="correct horse battery\n")
    made = cli("keys", "add", "ada", "--name", "laboratory system", "--role", "scientist")
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[-1].startswith("bcc_")

    cli("keys", "revoke", 1)
    cli("keys", "list", "--json", tmp_path / "keys.json")
    (key,) = json.loads((tmp_path / "keys.json").read_text())
    assert key == {
        "id": 1,
        "name": "laboratory system",
        "username": "ada",
        "role": "scientist",
        "state": "revoked",
    }


def test_a_key_above_its_account_is_refused(cli: Run) -> None:
    cli("users", "add", "ada", stdin="correct horse battery\n")
    refused = cli("keys", "add", "ada", "--name", "x", "--role", "admin")
    assert refused.returncode == 2
    assert "cannot be admin" in refused.stderr
