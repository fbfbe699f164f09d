"""How a network wants to see its cells; stands on its card."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NucleusView:
    """Around the nucleus, as thresholds find it, stained like all others.

    Attributes:
        nucleus_share: side of an average nucleus over the side of what the network sees.
        usual_share: side of a laboratory's average nucleus over its images' shorter side,
            taken where the laboratory has no profile.
        background: brightness that the empty background is given, 0 to 255.
        density: that the nucleus is given, in red, green and blue.
    """

    nucleus_share: float = 0.36
    usual_share: float = 0.33
    background: int = 245
    density: tuple[float, float, float] = (0.75, 1.45, 0.35)


@dataclass(frozen=True)
class CellView:
    """Around the whole cell, as a locator finds it, on the same white, stained as it is.

    Attributes:
        locator: its name.
        cell_share: side of an average cell over the side of what the network sees.
        usual_share: side of a laboratory's average cell over its images' shorter side, taken
            where the laboratory has no profile.
        background: brightness that the empty background is given, 0 to 255.
    """

    locator: str
    cell_share: float = 0.62
    usual_share: float = 0.5
    background: int = 245


View = NucleusView | CellView


def view_of(values: dict[str, object] | None) -> View | None:
    """The view that ``dataclasses.asdict`` gave."""
    if values is None:
        return None
    if "locator" in values:
        return CellView(**values)  # type: ignore[arg-type]
    lists = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
    return NucleusView(**lists)  # type: ignore[arg-type]
