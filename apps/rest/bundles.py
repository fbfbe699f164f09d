"""The bundles that there are, each with its card."""

import asyncio

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from apps.rest import service
from apps.rest.callers import Known
from apps.rest.problems import KEY_STATUSES, documented
from core.errors import BundleError
from core.settings import Settings
from core.vision.bundle import bundle_folders, load_bundle
from core.vision.card import Card

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


@router.get("/v1/bundles", summary="List the bundles")
async def list_bundles(request: Request, _: Known) -> list[BundleOut]:
    """Every bundle: what it was trained on, how good it is, and which one answers."""
    return await asyncio.to_thread(_bundles, service.of(request).settings)


def _bundles(settings: Settings) -> list[BundleOut]:
    found = []
    for name, folder in bundle_folders(settings).items():
        answers = name == settings.bundle
        try:
            found.append(BundleOut(name=name, answers=answers, card=load_bundle(folder).card))
        except BundleError as error:
            found.append(BundleOut(name=name, answers=answers, refused=str(error)))
    return found
