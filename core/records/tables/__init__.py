"""The tables, one module a subject.

A change here needs a revision under ``migrations/versions``; a test compares both.
"""

from core.records.tables.base import Base, UtcDateTime, now
from core.records.tables.cases import (
    CaseCellRow,
    CaseEventCellRow,
    CaseEventRow,
    CaseImageRow,
    CaseRow,
    CaseSignatureRow,
)
from core.records.tables.deployments import DeploymentRow
from core.records.tables.jobs import JobRow
from core.records.tables.label_marks import LabelMarkRow
from core.records.tables.people import AccountRow, ApiKeyRow, AuditRow, TokenRow
from core.records.tables.readings import (
    HeatMapRow,
    ImageRow,
    LabelRow,
    ReadingRow,
    SheetRow,
    ThumbnailRow,
)

__all__ = [
    "AccountRow",
    "ApiKeyRow",
    "AuditRow",
    "Base",
    "CaseCellRow",
    "CaseEventCellRow",
    "CaseEventRow",
    "CaseImageRow",
    "CaseRow",
    "CaseSignatureRow",
    "DeploymentRow",
    "HeatMapRow",
    "ImageRow",
    "JobRow",
    "LabelMarkRow",
    "LabelRow",
    "ReadingRow",
    "SheetRow",
    "ThumbnailRow",
    "TokenRow",
    "UtcDateTime",
    "now",
]
