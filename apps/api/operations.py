"""For whoever runs it: is it alive, is it ready, how does it do."""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from prometheus_fastapi_instrumentator import Instrumentator

from apps.api import problems, service

router = APIRouter(tags=["operations"])


@router.get("/healthz", summary="Is it alive?")
async def alive() -> dict[str, str]:
    """Answers as long as the process serves."""
    return {"status": "alive"}


@router.get(
    "/readyz",
    summary="Is it ready?",
    responses=problems.documented(HTTPStatus.SERVICE_UNAVAILABLE),
)
async def ready(request: Request) -> dict[str, str]:
    """200 with the bundle that answers, else 503 with the reason; asking tries to mend it."""
    bundle = await asyncio.to_thread(service.of(request).answering.ready)
    return {"status": "ready", "bundle": bundle}


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
        """How many images wait for a prediction at the moment."""
        here = getattr(self._app.state, "service", None)
        value = here.batcher.waiting if here else 0
        yield GaugeMetricFamily(
            "bloodcells_images_waiting", "Images without a prediction yet.", value
        )
