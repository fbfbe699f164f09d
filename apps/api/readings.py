"""The history: readings of the caller, or of all, as the key's role allows."""

import asyncio
from collections.abc import Iterator
from datetime import date
from http import HTTPStatus
from itertools import chain, islice
from typing import Annotated, Any, Self

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, field_validator, model_validator

from apps.api import service
from apps.api.callers import Known
from apps.api.problems import KEY_STATUSES, documented
from apps.api.route import KeyRoute
from apps.api.shapes import Reading
from core.access import exports
from core.access.accounts import Role
from core.access.api_keys import Caller
from core.prediction import Status
from core.records import history
from core.records.history import rows
from core.records.history.filter import HistoryFilter, Verdict, Viewer
from core.records.readings import LoggedReading
from core.records.spreadsheet import csv_file
from core.records.store import Store
from core.taxonomy import KEYS

LINES_AT_ONCE = 500
AS_A_FILE = {"Content-Disposition": 'attachment; filename="readings.csv"'}

router = APIRouter(
    route_class=KeyRoute,
    tags=["history"],
    responses=documented(*KEY_STATUSES, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY),
)


class CsvFile(StreamingResponse):
    """A CSV file, piece by piece."""

    media_type = "text/csv"


class Narrowed(BaseModel, extra="forbid"):
    """What the history is narrowed to."""

    since: date | None = Field(None, description="First day, in UTC.")
    until: date | None = Field(None, description="Last day, in UTC, included.")
    label: list[str] = Field([], description="Classes as the model gave them.")
    status: list[Status] = []
    bundle: list[str] = []
    username: list[str] = Field([], description="For keys of admins.")
    verdict: Verdict | None = Field(None, description="What a person made of it.")

    @field_validator("label")
    @classmethod
    def _known(cls, labels: list[str]) -> list[str]:
        if unknown := sorted(set(labels) - set(KEYS)):
            raise ValueError(f"no class {', '.join(unknown)}; there are {', '.join(KEYS)}")
        return labels

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("since lies after until")
        return self

    def filter(self) -> HistoryFilter:
        """As the records know it."""
        return HistoryFilter(
            self.since,
            self.until,
            labels=self.label,
            statuses=self.status,
            bundles=self.bundle,
            usernames=self.username,
            verdict=self.verdict,
        )


class Asked(Narrowed):
    """Which page of it is asked for."""

    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(25, ge=1, le=200)


class Page(BaseModel):
    """One page of readings, newest first; ``total`` counts those on all pages."""

    total: int
    page: int
    per_page: int
    readings: list[Reading]


@router.get("/v1/history", response_model=Page, summary="Read the log")
async def read_history(
    request: Request, asked: Annotated[Asked, Query()], caller: Known
) -> dict[str, Any]:
    """Readings, newest first: a clinician's key sees its own, others all."""
    _check(asked, caller)
    store, viewer = service.of(request).store, Viewer(caller.role, caller.account_id)
    return await asyncio.to_thread(_page, store, viewer, asked)


@router.get(
    "/v1/history.csv",
    summary="Export the log",
    response_class=CsvFile,
    responses={HTTPStatus.OK: {"headers": {"Content-Disposition": {"schema": {"type": "string"}}}}},
)
async def export_history(
    request: Request, asked: Annotated[Narrowed, Query()], caller: Known
) -> CsvFile:
    """The same file as the history page exports; the audit trail notes who took it."""
    _check(asked, caller)
    lines = exports.history_csv(service.of(request).store, caller, asked.filter())
    # What can be refused is refused by now, before the answer has begun.
    header = await asyncio.to_thread(next, lines)
    return CsvFile(_pieces(chain([csv_file([header])], lines)), headers=AS_A_FILE)


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    while piece := "".join(islice(lines, LINES_AT_ONCE)):
        yield piece


def _check(asked: Narrowed, caller: Caller) -> None:
    if asked.username and caller.role != Role.ADMIN:
        raise HTTPException(HTTPStatus.FORBIDDEN, "Only keys of admins may ask by username.")


def _page(store: Store, viewer: Viewer, asked: Asked) -> dict[str, Any]:
    chosen = asked.filter()
    total = history.totals(store, viewer, chosen).readings
    found = rows.newest(store, viewer, chosen, page=asked.page, per_page=asked.per_page)
    return {
        "total": total,
        "page": asked.page,
        "per_page": asked.per_page,
        "readings": [_told(one) for one in found],
    }


def _told(logged: LoggedReading) -> dict[str, Any]:
    """The reading as callers see it: without its thumbnail."""
    return logged.prediction.to_dict() | {
        "reading_id": logged.id,
        "at": logged.at,
        "by": logged.by,
        "source": logged.source,
        "um_per_px": logged.um_per_px,
        "person_label": logged.person_label,
    }
