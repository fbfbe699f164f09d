"""How much one upload may hold."""

from dataclasses import dataclass
from typing import Self

from core.settings import Settings

MB = 1024 * 1024


@dataclass(frozen=True)
class UploadLimits:
    """Limits of one upload; sizes in MiB.

    Attributes:
        file_mb: one file as it comes in, and one member of a ZIP unpacked.
        unpacked_mb: all members of one ZIP together, unpacked.
        images: members of one ZIP that are read.
    """

    file_mb: int = 20
    unpacked_mb: int = 400
    images: int = 1000

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The limits that this installation sets."""
        return cls(file_mb=settings.max_upload_mb)

    @property
    def file_bytes(self) -> int:
        """``file_mb`` in bytes."""
        return self.file_mb * MB

    @property
    def unpacked_bytes(self) -> int:
        """``unpacked_mb`` in bytes."""
        return self.unpacked_mb * MB
