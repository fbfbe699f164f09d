"""``python -m apps.cli keys``: API keys from the command line."""

from typing import Annotated

import typer

from apps.cli.terminal import Json, open_store, write_json
from core.access import accounts, api_keys
from core.access.accounts import Role
from core.access.api_keys import ApiKey

app = typer.Typer(no_args_is_help=True, help="Keys with which programs use the REST interface.")


@app.command()
def add(
    username: Annotated[str, typer.Argument(help="The account that the key acts for.")],
    name: Annotated[str, typer.Option(help="What the key is for.")],
    role: Annotated[Role, typer.Option(help="At most the account's own.")] = Role.CLINICIAN,
) -> None:
    """Make a key; its secret is printed this once."""
    key, secret = api_keys.make(open_store(), username, name, role, accounts.COMMAND_LINE)
    print(f"Key {key.id} for {key.username} as {key.role}. It is shown this once:")
    print(secret)


@app.command("list")
def list_(json_file: Json = None) -> None:
    """List the keys."""
    found = api_keys.list_keys(open_store())
    for key in found:
        print(f"{key.id:4} {key.hint}… {key.username:20} {key.role:10} {_state(key):8} {key.name}")
    write_json(
        json_file,
        [
            {
                "id": key.id,
                "name": key.name,
                "username": key.username,
                "role": key.role,
                "state": _state(key),
            }
            for key in found
        ],
    )


def _state(key: ApiKey) -> str:
    return "active" if key.revoked_at is None else "revoked"


@app.command()
def revoke(key_id: Annotated[int, typer.Argument(help="As `keys list` shows it.")]) -> None:
    """End a key at once."""
    api_keys.revoke(open_store(), key_id, accounts.COMMAND_LINE)
    print(f"Key {key_id} opens nothing any more.")
