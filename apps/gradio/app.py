"""The same predictions on a Gradio page: ``python gradio_app.py``, or under ``/gradio``.

For research use only. Not for use in diagnostic procedures.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route

from apps import retention, shutdown, start
from apps.gate.headers import SecurityHeaders
from apps.gradio import entrance
from apps.gradio.desk import Desk
from apps.gradio.guard import USERNAME, Guard
from apps.gradio.uploads import Uploads
from core import logs
from core.access import accounts
from core.errors import BloodCellsError
from core.records import schema
from core.records.store import Store
from core.settings import Settings, settings

PORT = 7860  # where people look for Gradio; PORT in the environment says otherwise
SWEEP_S = 60
NO_ACCOUNT = "No account yet. Make one: python -m apps.cli users add NAME --role admin"
MISSING = "Gradio is not installed here. Run: pip install -r requirements-gradio.txt"


def make_app(chosen: Settings) -> Starlette:
    """The page as an ASGI app with its sign-in; where Gradio is not installed, what to do."""
    if not installed():
        return Starlette(routes=[Route("/{path:path}", _missing)])
    schema.migrate(chosen.database)
    return _with(Desk(chosen, Store(chosen.database), Uploads(Path(_scratch().name))))


def installed() -> bool:
    """Whether there is Gradio; it is an extra."""
    return find_spec("gradio") is not None


@cache
def _scratch() -> TemporaryDirectory[str]:
    """Where Gradio writes in this process; nobody else reads there, and it goes at the end."""
    folder = TemporaryDirectory(prefix="blood-cells-gradio-")
    # The environment is all that Gradio can be told by: the folder, and no figures sent home.
    os.environ["GRADIO_TEMP_DIR"] = folder.name  # noqa: TID251
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # noqa: TID251
    return folder


def _with(desk: Desk) -> FastAPI:
    import gradio as gr  # costs three seconds, which nothing else waits for

    from apps.gradio import looks
    from apps.gradio.page import Page

    app = FastAPI(
        openapi_url=None,
        routes=list[BaseRoute](entrance.routes(desk)),
        lifespan=lambda _: _running(desk),
    )
    gr.mount_gradio_app(
        app,
        Page(desk).blocks,
        "/",
        auth_dependency=lambda request: request.scope.get(USERNAME),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        max_file_size=f"{desk.settings.max_upload_mb}mb",
        mcp_server=False,
        theme=looks.theme(),
        css=looks.CSS,
        head=looks.HEAD,
    )
    app.add_middleware(Guard, desk=desk)
    app.add_middleware(SecurityHeaders)
    return app


@asynccontextmanager
async def _running(desk: Desk) -> AsyncIterator[None]:
    """Opens the network beside, deletes what nobody asks about, and all uploads at the end."""
    opening = asyncio.create_task(asyncio.to_thread(desk.answering.opening))
    sweeping = asyncio.create_task(_sweep(desk.uploads))
    with logs.running("gradio"):
        yield
    sweeping.cancel()
    await asyncio.wait({opening})
    await asyncio.to_thread(desk.answering.close)
    desk.store.close()
    shutil.rmtree(desk.uploads.folder, ignore_errors=True)


async def _sweep(uploads: Uploads) -> None:
    while True:
        await asyncio.sleep(SWEEP_S)
        try:
            await asyncio.to_thread(uploads.sweep)
        except Exception:  # whatever failed, the next turn comes
            logs.log.error("sweep_failed", exc_info=True)


async def _missing(_: Request) -> PlainTextResponse:
    return PlainTextResponse(MISSING, 501)


def main() -> None:
    """Serves until told to stop; leaves with a message where it cannot."""
    try:
        chosen = settings()
        if not installed():
            sys.exit(MISSING)
        logs.set_up(chosen.log_level, chosen.log_format)
        port = chosen.port if "port" in chosen.model_fields_set else PORT
        start.check(chosen, port)
        app = make_app(chosen)
        retention.start(chosen)
    except BloodCellsError as error:
        sys.exit(str(error))
    print(f"The page is at http://localhost:{port}", flush=True)
    _tell_of_accounts(chosen)
    shutdown.serve(app, chosen.host, port)


def _tell_of_accounts(chosen: Settings) -> None:
    store = Store(chosen.database)
    if not accounts.any_account(store):
        print(NO_ACCOUNT, flush=True)
    store.close()
