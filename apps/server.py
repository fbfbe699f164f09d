"""The dashboard, REST under ``/api`` and Gradio under ``/gradio``: ``python -m apps.server``.

Migrates the database, settles the long work that a crash left behind, says how to become the first
admin where there is none, and serves ``Home.py`` until SIGTERM or Ctrl+C.
"""

import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache, partial

import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from streamlit import config
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager

from apps import browser_session, retention, shutdown, start
from apps.browser_session import OwnSessions
from apps.gate import visitors
from apps.gate.headers import SecurityHeaders
from apps.gate.origins import Origins
from apps.gate.paths import UnderPath
from apps.gate.sockets import SocketCaps
from apps.gate.uploads import UploadCaps
from apps.on_demand import OnDemand
from core import logs
from core.access import first_admin
from core.errors import BloodCellsError
from core.jobs import Queue
from core.records import schema
from core.records.store import Store
from core.settings import ROOT, Settings, settings


def main() -> None:
    """Serves until told to stop; leaves with a message where it cannot."""
    try:
        chosen = settings()
        logs.set_up(chosen.log_level, chosen.log_format)
        start.check(chosen, chosen.port)
        prepare(chosen)
        retention.start(chosen)
    except BloodCellsError as error:
        sys.exit(str(error))
    shutdown.serve(OwnSessions(make_app(chosen)), chosen.host, chosen.port)


def prepare(chosen: Settings) -> None:
    """Everything that must be right before the first visitor."""
    schema.migrate(chosen.database)
    address = f"http://localhost:{chosen.port}{chosen.base_path}"
    print(f"The dashboard is at {address}", flush=True)
    store = Store(chosen.database)
    Queue(store, chosen).sweep()
    # Cells of patients that a killed adaptation left there before adapting was a job.
    shutil.rmtree(chosen.state_dir / "adaptations", ignore_errors=True)
    first_admin.announce(store, address, lambda text: print(text, flush=True))
    store.close()


def make_app(chosen: Settings) -> st.App:
    """The dashboard as an ASGI app.

    A folder ``pages/`` puts a fresh Streamlit server into its older mode, in which an address
    runs a page without ``Home.py``; ``uses_pages_directory`` turns that off from the start.
    """
    PagesManager.uses_pages_directory = False
    under = chosen.base_path
    config.set_option("server.baseUrlPath", under)  # Streamlit reads no environment here
    rest, page = OnDemand(partial(_rest, chosen)), OnDemand(partial(_gradio, chosen))
    app = st.App(
        ROOT / "Home.py",
        routes=[
            Mount(f"{under}/api", app=rest),
            Route(f"{under}/gradio", lambda asked: RedirectResponse(f"{asked.url.path}/")),
            Mount(f"{under}/gradio", app=page),
            browser_session.route(under),
        ],
        middleware=_gates(chosen),
        lifespan=lambda _: _running(rest, page),
    )
    config.set_option("server.port", chosen.port)
    config.set_option("server.maxUploadSize", chosen.max_upload_mb)
    return app


def _gates(chosen: Settings) -> list[Middleware]:
    """What a request passes before it comes to Streamlit, from the outside in."""
    known = visitors.by_cookie(cache(lambda: Store(chosen.database)), chosen)
    return [
        Middleware(UnderPath, under=chosen.base_path),
        Middleware(SecurityHeaders, framed_by=chosen.origins),
        Middleware(Origins, allowed=chosen.origins, exempt=(f"{chosen.base_path}/api/",)),
        Middleware(SocketCaps, known=known),
        Middleware(UploadCaps, most_mb=chosen.max_upload_mb, held=_held, known=known),
    ]


def _held() -> dict[str, int]:
    """Bytes of the uploads that Streamlit keeps for each session."""
    files = Runtime.instance().uploaded_file_mgr
    if not isinstance(files, MemoryUploadedFileManager):
        return {}
    return {
        session: sum(len(one.data) for one in list(kept.values()))
        for session, kept in list(files.file_storage.items())
    }


@asynccontextmanager
async def _running(*doors: OnDemand) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for door in doors:
            await stack.enter_async_context(door.running())
        with logs.running("server"):
            yield


def _rest(chosen: Settings) -> Starlette:
    from apps.api.app import make_app  # costs half a second, which no page waits for

    return make_app(chosen)


def _gradio(chosen: Settings) -> Starlette:
    from apps.gradio.app import make_app  # which imports Gradio, three seconds, on its first call

    return make_app(chosen)


if __name__ == "__main__":
    main()
