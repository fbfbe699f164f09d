"""The bundles that there are, each with its card, and the laboratory profiles."""

import asyncio

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from apps.api import service
from apps.api.callers import Known
from apps.api.problems import KEY_STATUSES, documented
from apps.api.route import KeyRoute
from apps.api.service import Service
from core.analysis.deployments import current
from core.analysis.profiles import profile_names
from core.vision.bundle import found_bundles
from core.vision.card.contents import Card

router = APIRouter(
    route_class=KeyRoute,
    tags=["bundles"],
    responses=documented(*KEY_STATUSES),
)


class BundleOut(BaseModel):
    """One bundle."""

    name: str
    answers: bool = Field(description="Whether it is the one that answers now.")
    card: Card | None = None
    refused: str | None = Field(None, description="Why it cannot be used, where it cannot.")


class ProfileOut(BaseModel):
    """One laboratory profile."""

    name: str
    in_use: bool = Field(description="Whether predictions are given under it where none is named.")


@router.get("/v1/bundles", summary="List the models")
async def list_bundles(request: Request, _: Known) -> list[BundleOut]:
    """Every bundle: what it was trained on, how good it is, and which one answers."""
    return await asyncio.to_thread(_bundles, service.of(request))


def _bundles(here: Service) -> list[BundleOut]:
    chosen = current(here.store, here.settings).bundle
    return [
        BundleOut(
            name=one.name,
            answers=one.name == chosen,
            card=one.bundle.card if one.bundle else None,
            refused=one.refused,
        )
        for one in found_bundles(here.settings)
    ]


@router.get("/v1/profiles", summary="List the laboratory profiles")
async def list_profiles(request: Request, _: Known) -> list[ProfileOut]:
    """Every laboratory profile that predictions can be made under, by name."""
    return await asyncio.to_thread(_profiles, service.of(request))


def _profiles(here: Service) -> list[ProfileOut]:
    chosen = current(here.store, here.settings).profile
    names = profile_names(here.settings)
    return [ProfileOut(name=name, in_use=name == chosen) for name in names]
