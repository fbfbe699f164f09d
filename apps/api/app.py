"""The same predictions over REST: ``python -m apps.api``, or under ``/api`` of the dashboard.

For research use only. Not for use in diagnostic procedures.
"""

import secrets
import sys
from functools import partial

from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from apps import retention, shutdown, start
from apps.api import bundles, operations, predictions, problems, readings, service
from apps.api.frame import HEADER, BodyCap, RequestLog, is_safe
from apps.gate.headers import SecurityHeaders
from core import logs
from core.access.throttle import Throttle
from core.errors import BloodCellsError
from core.records import schema
from core.settings import Settings, settings
from core.taxonomy import RESEARCH_USE

DESCRIPTION = f"""
Send images of single stained blood cells, get the class of each with all probabilities and
whether a person must look. Every prediction is logged like the dashboard's. {RESEARCH_USE}
"""


def make_app(chosen: Settings) -> FastAPI:
    """The REST interface as an ASGI app; its lifespan opens database and network."""
    app = FastAPIOffline(
        redoc_url=None,  # its page loads an image from elsewhere
        title="Blood cell classification",
        version="1",
        description=DESCRIPTION,
        lifespan=service.running,
    )
    app.state.settings = chosen
    app.state.throttle = Throttle(chosen.api_rate, window_s=1)
    problems.install(app)
    for part in (predictions, bundles, readings, operations):
        app.include_router(part.router)
    operations.measure(app)
    app.add_middleware(BodyCap, most_mb=chosen.api_max_body_mb)
    app.add_middleware(RequestLog)
    app.add_middleware(
        CorrelationIdMiddleware,
        header_name=HEADER,
        generator=partial(secrets.token_hex, 8),
        validator=is_safe,
    )
    app.add_middleware(SecurityHeaders, framed_by=chosen.origins)
    return app


def main() -> None:
    """Serves until told to stop; leaves with a message where it cannot."""
    try:
        chosen = settings()
        logs.set_up(chosen.log_level, chosen.log_format)
        start.check(chosen, chosen.port)
        schema.migrate(chosen.database)  # before anybody is listened to: it may be damaged
        app = make_app(chosen)
        retention.start(chosen)
    except BloodCellsError as error:
        sys.exit(str(error))
    print(f"The API is described at http://localhost:{chosen.port}/docs", flush=True)
    shutdown.serve(app, chosen.host, chosen.port)
