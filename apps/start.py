"""What must hold before a server starts, each told in one line that says how to mend it."""

import os
import socket

from core.errors import SettingsError
from core.files import check_writable
from core.settings import Settings


def check(chosen: Settings, port: int) -> None:
    """Returns if the state folder can be written and the address can be listened on.

    Raises:
        SettingsError: one of them cannot.
    """
    try:
        check_writable(chosen.state_dir)
    except OSError as error:
        raise SettingsError(
            f"The state folder {chosen.state_dir} cannot be written ({error.strerror}). Let this "
            "process write there, or set BLOODCELLS_STATE_DIR to another folder."
        ) from error
    _check_free(chosen.host, port)


def _check_free(host: str, port: int) -> None:
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, protocol) as probe:
                # As the server does: what is left of one that has just ended is not in its way.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name != "nt")
                probe.bind(address)
    except OSError as error:
        raise SettingsError(
            f"Cannot listen on {host}, port {port} ({error.strerror}). End the program that does, "
            "or set PORT to another one and BLOODCELLS_HOST to an address of this machine."
        ) from error
