"""The history: readings of the caller, or of all, as the key's role allows."""

import asyncio
from dataclasses import dataclass, fields
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Literal, Self

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, Field, field_validator, model_validator

from apps.api import service
from apps.api.callers import Known
from apps.api.problems import KEY_STATUSES, documented
from core.access.accounts import Role
from core.records import history
from core.records.history import rows
from core.records.history.filter import HistoryFilter, Verdict, Viewer
from core.records.readings import Answer, LoggedReading
from core.records.store import Store
from core.taxonomy import KEYS

router = APIRouter(
    tags=["history"],
    responses=documented(*KEY_STATUSES, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY),
)


class Asked(BaseModel, extra="forbid"):
    """What the history is narrowed to."""

    since: date | None = Field(None, description="First day, in UTC.")
    until: date | None = Field(None, description="Last day, in UTC, included.")
    label: list[str] = Field([], description="Classes as the model gave them.")
    status: list[Literal["confident", "review", "rejected"]] = []
    bundle: list[str] = []
    username: list[str] = Field([], description="For keys of admins.")
    verdict: Verdict | None = Field(None, description="What a person made of it.")
    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(25, ge=1, le=200)

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


@dataclass(frozen=True)
class Reading(Answer):
    """One answer as it was given, and what a person made of it.

    Attributes:
        by: user name of who asked; null where the key's role may not see names.
        person_label: the class that a person gave and that counts now.
    """

    reading_id: int
    at: datetime
    by: str | None
    source: str
    person_label: str | None

    @classmethod
    def of(cls, logged: LoggedReading) -> "Reading":
        """The reading as callers see it: without its thumbnail."""
        answer = {f.name: getattr(logged.answer, f.name) for f in fields(Answer)}
        return cls(
            **answer,
            reading_id=logged.id,
            at=logged.at,
            by=logged.by,
            source=logged.source,
            person_label=logged.person_label,
        )


@dataclass(frozen=True)
class Page:
    """One page of readings, newest first; ``total`` counts those on all pages."""

    total: int
    page: int
    per_page: int
    readings: list[Reading]


@router.get("/v1/history", summary="Read the log")
async def read_history(request: Request, asked: Annotated[Asked, Query()], caller: Known) -> Page:
    """Readings, newest first: a clinician's key sees its own, others all."""
    if asked.username and caller.role != Role.ADMIN:
        raise HTTPException(HTTPStatus.FORBIDDEN, "Only keys of admins may ask by username.")
    store, viewer = service.of(request).store, Viewer(caller.role, caller.account_id)
    return await asyncio.to_thread(_page, store, viewer, asked)


def _page(store: Store, viewer: Viewer, asked: Asked) -> Page:
    chosen = asked.filter()
    total = history.totals(store, viewer, chosen).readings
    found = rows.newest(store, viewer, chosen, page=asked.page, per_page=asked.per_page)
    return Page(total, asked.page, asked.per_page, [Reading.of(one) for one in found])
