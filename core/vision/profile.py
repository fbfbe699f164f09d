"""What is usual in one laboratory's pictures, measured from cells that nobody labelled."""

from pydantic import BaseModel, ConfigDict, Field


class Profile(BaseModel):
    """A laboratory profile: what is usual in one laboratory's pictures.

    Attributes:
        cells: how many unlabelled cells it was made from.
        nucleus_share: side of its median nucleus over the pictures' shorter side.
        density: median optical density of its nuclei in red, green and blue.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    cells: int = Field(ge=1)
    nucleus_share: float = Field(gt=0, lt=1)
    density: tuple[float, float, float]
