"""``python -m apps.cli users``: accounts from the command line."""

import sys
from typing import Annotated

import typer

from apps.cli.terminal import Json, open_store, write_json
from core.access import accounts
from core.access.accounts import Account, Role

app = typer.Typer(no_args_is_help=True, help="Accounts of the dashboard.")


@app.command()
def add(
    username: str,
    role: Annotated[Role, typer.Option(help="What the account may do.")] = Role.CLINICIAN,
    name: Annotated[str, typer.Option(help="Shown name; default: the user name.")] = "",
) -> None:
    """Add an account; the password is asked for, or read from standard input."""
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    account = accounts.create(open_store(), username, name or username, role, password)
    print(f"{account.username} may sign in as {account.role}.")


@app.command("list")
def list_(json_file: Json = None) -> None:
    """List the accounts."""
    everyone = accounts.list_accounts(open_store())
    for account in everyone:
        print(f"{account.username:20} {account.role:10} {_state(account)}")
    write_json(
        json_file,
        [
            {"username": a.username, "name": a.display_name, "role": a.role, "state": _state(a)}
            for a in everyone
        ],
    )


def _state(account: Account) -> str:
    return "disabled" if account.disabled else "active"


@app.command()
def disable(username: str) -> None:
    """Shut an account and end its sessions."""
    accounts.disable(open_store(), username)
    print(f"{username} can no longer sign in.")
