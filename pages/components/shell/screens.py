"""The pages there are, and who sees them; the guard in each page is what holds."""

from dataclasses import dataclass

from core.access.accounts import Role

EVERYONE = tuple(Role)


@dataclass(frozen=True)
class Screen:
    """One page in the navigation."""

    group: str
    file: str
    title: str
    icon: str
    roles: tuple[Role, ...] = EVERYONE

    @property
    def url_path(self) -> str:
        """Its address, and its file's name."""
        return self.file.removeprefix("pages/").removesuffix(".py")


MODELS = Screen(
    "Oversee",
    "pages/models.py",
    "Models",
    ":material/deployed_code:",
    (Role.SCIENTIST, Role.ADMIN),
)
SCREENS = (
    Screen("Read", "pages/predict.py", "Predict", ":material/biotech:"),
    Screen(
        "Read",
        "pages/laboratory.py",
        "Laboratory",
        ":material/science:",
        (Role.SCIENTIST, Role.ADMIN),
    ),
    Screen("Learn", "pages/dataset.py", "Data set", ":material/photo_library:"),
    Screen("Learn", "pages/training.py", "Training", ":material/model_training:"),
    Screen("Learn", "pages/evaluation.py", "Evaluation", ":material/grid_on:"),
    Screen("Oversee", "pages/history.py", "History", ":material/history:"),
    MODELS,
    Screen("Oversee", "pages/people.py", "People", ":material/group:", (Role.ADMIN,)),
)
