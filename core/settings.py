"""One Settings object: the only place that reads the environment.

Every field is set by ``BLOODCELLS_<NAME>``, e.g. ``BLOODCELLS_DATA_DIR=/images``; an empty variable
is as one that is not set.
"""

import os
import re
from functools import cache
from pathlib import Path

from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import SettingsError

ROOT = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """What an operator may set. Paths are absolute or relative to the working directory."""

    model_config = SettingsConfigDict(
        env_prefix="BLOODCELLS_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    data_dir: Path | None = Field(None, description="Folder of class folders with cell images.")
    state_dir: Path = Field(ROOT / "data", description="Everything that is written while running.")
    laboratories_dir: Path = Field(
        default_factory=lambda known: known["state_dir"] / "laboratories",
        description="Folder of external laboratories, each a folder of class folders.",
    )
    models_dir: Path = Field(ROOT / "models", description="The models that ship with the code.")
    database_url: str = Field("", description="SQLAlchemy URL; empty: app.db in state_dir.")
    bundle: str = Field(
        "located-efficientnet-lite0",
        description="The model that is in use until another is put into use.",
    )
    runtime: str = Field(
        "auto",
        pattern="^(auto|openvino|torch)$",
        description="What executes models: openvino, torch, or auto: torch where there is a GPU.",
    )
    download: bool = Field(True, description="May the data set be fetched from Kaggle?")
    keep_thumbnails: bool = Field(True, description="Store a small image with each reading?")
    keep_images: bool = Field(True, description="Store each image as it was handed in?")
    keep_images_days: int = Field(
        0, ge=0, description="Images are deleted this long after they came last; 0: never."
    )
    max_upload_mb: int = Field(20, ge=1, le=500, description="Largest single upload in MiB.")
    session_hours: float = Field(12, gt=0, le=24, description="A sign-in ends after this long.")
    lockout_attempts: int = Field(5, ge=1, description="Failed sign-ins before a lock-out.")
    lockout_minutes: float = Field(15, gt=0, description="How long a lock-out lasts.")
    cookie_key: str = Field(
        "", description="Signs session cookies; empty: made once, kept in state_dir."
    )
    api_rate: int = Field(100, ge=1, description="Requests a second that one API key may make.")
    api_max_body_mb: int = Field(100, ge=1, description="Largest request to the API in MiB.")
    api_most_waiting: int = Field(
        256, ge=1, description="Images that may wait for a prediction; more are turned away."
    )
    log_level: str = Field(
        "info",
        pattern="(?i)^(debug|info|warning|error)$",
        description="Least that is logged: debug to error.",
    )
    log_format: str = Field(
        "auto", pattern="^(auto|json|text)$", description="json, text, or auto: text on a terminal."
    )
    allowed_origins: str = Field(
        "",
        description="Other origins whose pages may frame and call the pages here, e.g. "
        "https://portal.example; commas between them.",
    )
    base_path: str = Field(
        "", description="The path that a proxy serves the dashboard under, e.g. cells; empty: none."
    )
    host: str = Field("127.0.0.1", description="The address that the server listens on.")
    port: int = Field(
        8501,
        ge=1,
        le=65535,
        validation_alias=AliasChoices("PORT", "BLOODCELLS_PORT"),
        description="The port of it; PORT alone, as platforms set it, counts before.",
    )

    @field_validator("data_dir", "state_dir", "laboratories_dir", "models_dir")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        # Training runs work in another folder, where a relative path would be another place.
        return path and path.absolute()

    @field_validator("base_path")
    @classmethod
    def _from_the_root(cls, path: str) -> str:
        plain = path.strip("/")
        if not re.fullmatch(r"([\w.~-]+(/[\w.~-]+)*)?", plain, re.ASCII):
            raise ValueError("write it as lab/cells: letters, digits and . _ ~ - between slashes")
        return f"/{plain}" if plain else ""

    @field_validator("cookie_key")
    @classmethod
    def _long(cls, key: str) -> str:
        if key and len(key.encode()) < 32:
            raise ValueError("it must be at least 32 bytes; leave it empty to have one made")
        return key

    @property
    def origins(self) -> tuple[str, ...]:
        """``allowed_origins``, one by one."""
        given = (one.strip().rstrip("/").lower() for one in self.allowed_origins.split(","))
        return tuple(filter(None, given))

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        if self.database_url:
            return self.database_url
        from sqlalchemy import URL  # costs a third of a second, which not every command needs

        return str(URL.create("sqlite", database=str(self.state_dir / "app.db")))

    @property
    def images_dir(self) -> Path:
        """The images that were handed in, one file each, by hash."""
        return self.state_dir / "images"

    @property
    def runs_dir(self) -> Path:
        """One folder a training run."""
        return self.state_dir / "runs"

    @property
    def evaluations_dir(self) -> Path:
        """One folder a bundle, one saved result a split."""
        return self.state_dir / "evaluations"

    @property
    def profiles_dir(self) -> Path:
        """One file a laboratory profile."""
        return self.state_dir / "profiles"

    @property
    def cache_dir(self) -> Path:
        """Catalogues, pixel caches and compiled networks; safe to delete."""
        return self.state_dir / "cache"

    @property
    def bundle_dirs(self) -> tuple[Path, Path]:
        """Where bundles stand: those shipped, then those made here."""
        return self.models_dir, self.state_dir / "models"

    @property
    def locator_dirs(self) -> tuple[Path, Path]:
        """Where the networks stand that find the cell in an image: shipped, then made here."""
        return self.models_dir / "locators", self.state_dir / "locators"

    @property
    def detector_dirs(self) -> tuple[Path, Path]:
        """Where the networks stand that find the cells in a field: shipped, then made here."""
        return self.models_dir / "detectors", self.state_dir / "detectors"


def environment_with(**defaults: str) -> dict[str, str]:
    """This process's environment, for one of its own that it starts; what is set there wins."""
    return {**defaults, **os.environ}


@cache
def settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        SettingsError: a variable holds a value that cannot be used; names the variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "BLOODCELLS_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name} cannot be used: {first['msg']}.") from error
