"""The bundles that there are, each with its card, and the laboratory profiles."""

import asyncio

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from apps.api import service
from apps.api.callers import Known
from apps.api.problems import KEY_STATUSES, documented
from core.analysis.in_use import in_use
from core.analysis.profiles import profile_names
from core.errors import BundleError
from core.settings import Settings
from core.vision.bundle import bundle_folders, load_bundle
from core.vision.card.contents import Card

router = APIRouter(
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
    in_use: bool = Field(description="Whether answers are given under it where none is named.")


@router.get("/v1/bundles", summary="List the bundles")
async def list_bundles(request: Request, _: Known) -> list[BundleOut]:
    """Every bundle: what it was trained on, how good it is, and which one answers."""
    return await asyncio.to_thread(_bundles, service.of(request).settings)


def _bundles(settings: Settings) -> list[BundleOut]:
    found, chosen = [], in_use(settings).bundle
    for name, folder in bundle_folders(settings).items():
        answers = name == chosen
        try:
            found.append(BundleOut(name=name, answers=answers, card=load_bundle(folder).card))
        except BundleError as error:
            found.append(BundleOut(name=name, answers=answers, refused=str(error)))
    return found


@router.get("/v1/profiles", summary="List the laboratory profiles")
async def list_profiles(request: Request, _: Known) -> list[ProfileOut]:
    """Every laboratory profile that answers can be given under, by name."""
    settings = service.of(request).settings
    names = await asyncio.to_thread(profile_names, settings)
    chosen = in_use(settings).profile
    return [ProfileOut(name=name, in_use=name == chosen) for name in names]
