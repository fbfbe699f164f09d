"""What is usual in one laboratory's images, measured from cells that nobody labelled."""

import hashlib
import json
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from core.errors import ProfileError


class Profile(BaseModel):
    """A laboratory profile.

    Where each image lies in the frame, its white and its stain are measured in the image
    itself. What one image cannot tell stands here.

    Attributes:
        cells: how many unlabelled cells it was made from.
        nucleus_share: side of their median nucleus over the images' shorter side; None where none
            was found.
        cell_share: the same of their median cell; None also in a profile of before it was measured.
        class_mix: how common each class is taken to be, by key; sums to 1.
        bundle: the bundle whose predictions the class mix was found from.
    """

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    cells: int = Field(ge=1)
    nucleus_share: float | None = Field(None, gt=0, lt=1)
    cell_share: float | None = Field(None, gt=0, lt=2)
    class_mix: dict[str, float]
    bundle: str
    created: datetime

    def check_made_with(self, bundle: str) -> None:
        """Returns if the bundle of that name made it: every door to a prediction asks so.

        Raises:
            ProfileError: another one did.
        """
        if self.bundle != bundle:
            raise ProfileError(
                f"Laboratory profile {self.name} was made with the model {self.bundle}; it would "
                f"mislead {bundle}. Use that model, or make a profile with {bundle}."
            )

    @property
    def hash(self) -> str:
        """SHA-256 of all that it says, as JSON with sorted keys and no spaces, hex."""
        said = json.dumps(
            self.model_dump(mode="json", exclude_none=True), sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(said.encode()).hexdigest()
