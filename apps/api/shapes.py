"""What predictions look like as JSON, for the interface's description; made from ``Prediction``."""

from datetime import datetime
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel, create_model

from core.prediction import Box, Prediction

Model = TypeVar("Model", bound=BaseModel)


def beside_a_prediction(model: type[Model]) -> type[Model]:
    """The model with all that ``Prediction.to_dict`` gives in front of its own fields."""
    told = get_type_hints(Prediction)
    del told["cell"]
    cell = {"name": str, "image_hash": str, "box": Box | None}
    fields: dict[str, Any] = {key: (kind, ...) for key, kind in (cell | told).items()}
    return create_model(model.__name__, __base__=model, __doc__=model.__doc__, **fields)


@beside_a_prediction
class PredictionOut(BaseModel):
    """A prediction as everywhere else, and the reading under which it stands in the log."""

    reading_id: int


@beside_a_prediction
class Reading(BaseModel):
    """One prediction as it was given, and what a person made of it.

    Attributes:
        by: user name of who asked; null where the key's role may not see names.
        um_per_px: the image's pixel size in micrometres; null where it is not known.
        person_label: the class that a person gave and that counts now.
    """

    reading_id: int
    at: datetime
    by: str | None
    source: str
    um_per_px: float | None
    person_label: str | None


class NoPrediction(BaseModel):
    """A file that gets no prediction, and why."""

    name: str
    error: str
