"""The people who may sign in, and what an admin does with them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an account is for; the page list follows it."""

    CLINICIAN = "clinician"
    SCIENTIST = "scientist"
    ADMIN = "admin"


@dataclass(frozen=True)
class Account:
    """One person's account as it stands in the database now. Times are UTC."""

    id: int
    username: str
    display_name: str
    role: Role
    disabled: bool
    locked_until: datetime | None
    last_seen: datetime | None
    failed_attempts: int
