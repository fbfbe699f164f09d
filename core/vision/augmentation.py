"""How far an image may be changed in training."""

from dataclasses import dataclass

from core.errors import InvalidConfigError


@dataclass(frozen=True)
class Augmentation:
    """How far an image may be changed in training; zero means not at all.

    Attributes:
        flips: mirror left-right and up-down, each with probability one half.
        rotation_degrees: turned by up to this much either way; a cell has no upright.
        zoom: scaled by a factor up to 1 + zoom, or its inverse.
        shift: moved by up to this share of the side.
        brightness, contrast: changed by up to this share.
        stain: strength of mixing between the colour channels in optical-density space,
            which is how one laboratory's stain differs from another's.
        blur: softened by a Gaussian of up to this sigma in pixels, every other image.
        density: stained darker or paler by a factor of up to exp(density).
        cut: so often, nothing but white is left beyond a frame around the cell, as where the
            image was cut close to it.
        coarse: every other image loses up to this share of its resolution.
        noise: of up to this deviation, as a share of full brightness.
        fringe: the colour channels of every other image are moved and scaled apart by up to this
            share of half the side, as by a simple lens.
        defocus: three in ten colour channels, each on its own, lose up to this share of their
            resolution, as where a lens does not bring all colours to one focus.
        exposure: every other image is brightened by a factor of up to exp(exposure), so that
            what is pale fades into the background.
        surroundings: so often, what lies around the cell is another image's.
        exchange: so often, an image is brought towards another's mean and deviation of colour, in
            optical density.
        zones: strength of mixing between the colour channels in what is pale alone, seven times in
            ten: cytoplasm and nucleus take up stains apart.
        grey: so often, an image loses its colours.
        plain: so often, an image is only turned, moved and scaled: its colours, light and sharpness
            stay its own.
    """

    flips: bool = True
    rotation_degrees: float = 180.0
    zoom: float = 0.15
    shift: float = 0.05
    brightness: float = 0.2
    contrast: float = 0.2
    stain: float = 0.1
    blur: float = 0.0
    density: float = 0.0
    cut: float = 0.0
    coarse: float = 0.0
    noise: float = 0.0
    fringe: float = 0.0
    defocus: float = 0.0
    exposure: float = 0.0
    surroundings: float = 0.0
    exchange: float = 0.0
    zones: float = 0.0
    grey: float = 0.0
    plain: float = 0.0

    def __post_init__(self) -> None:
        limits = {"rotation_degrees": 180, "zoom": 2, "shift": 0.5, "brightness": 0.9}
        limits |= {"contrast": 0.9, "stain": 0.5, "blur": 5, "density": 1, "cut": 1}
        limits |= {"coarse": 0.9, "noise": 0.5}
        limits |= {"fringe": 0.2, "defocus": 0.9, "exposure": 1, "surroundings": 1}
        limits |= {"exchange": 1, "zones": 0.9, "grey": 1, "plain": 1}
        for name, most in limits.items():
            if not 0 <= getattr(self, name) <= most:
                raise InvalidConfigError(f"augmentation.{name} must lie between 0 and {most}.")


NONE = Augmentation(False, 0, 0, 0, 0, 0, 0, 0)
