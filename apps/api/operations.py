"""For whoever runs it: is it alive, is it ready, how does it do."""

from collections.abc import Iterable
from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from prometheus_fastapi_instrumentator import Instrumentator

from apps.api import problems, service
from core.analysis.in_use import in_use

router = APIRouter(tags=["operations"])


@router.get("/healthz", summary="Is it alive?")
async def alive() -> dict[str, str]:
    """Answers as long as the process serves."""
    return {"status": "alive"}


@router.get(
    "/readyz",
    summary="Is it ready?",
    response_model=dict[str, str],
    responses=problems.documented(HTTPStatus.SERVICE_UNAVAILABLE),
)
async def ready(request: Request) -> JSONResponse:
    """200 once the network is open, else 503 with the reason."""
    here = service.of(request)
    if here.is_ready:
        return JSONResponse({"status": "ready", "bundle": in_use(here.settings).bundle})
    failure = here.opening.exception() if here.opening.done() else None
    return problems.response(503, str(failure or "The network is being opened."))


def measure(app: FastAPI) -> None:
    """Counts and times the requests; ``/metrics`` tells, with what waits, for Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Waiting(app))
    meter = Instrumentator(registry=registry, should_group_status_codes=False)
    meter.instrument(app).expose(
        app,
        tags=["operations"],
        summary="Metrics for Prometheus",
        response_class=PlainTextResponse,
    )


class _Waiting(Collector):
    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """How many images wait for an answer at the moment."""
        here = getattr(self._app.state, "service", None)
        value = here.batcher.waiting if here else 0
        yield GaugeMetricFamily("bloodcells_images_waiting", "Images without an answer yet.", value)
