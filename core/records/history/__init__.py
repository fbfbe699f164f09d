"""The history of readings: which of them count, their figures, and the rows themselves."""

from core.records.history.figures import (
    ConfidenceCount,
    Correction,
    DayCount,
    GroupCount,
    Totals,
    by_bundle,
    by_confidence,
    by_day,
    by_user,
    corrections,
    totals,
    usernames,
)

__all__ = [
    "ConfidenceCount",
    "Correction",
    "DayCount",
    "GroupCount",
    "Totals",
    "by_bundle",
    "by_confidence",
    "by_day",
    "by_user",
    "corrections",
    "totals",
    "usernames",
]
