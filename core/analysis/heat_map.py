"""Heat maps: which part of an image speaks for a class.

Method and layer were chosen by measurement, see ``benchmarks/heat_maps.py``. PyTorch and captum are
imported only when a map is asked for.

Source: Selvaraju et al. 2017, Grad-CAM, ICCV.
"""

import io
from dataclasses import dataclass
from threading import Lock

import numpy as np
from PIL import Image

from core.errors import HeatMapError
from core.records.heat_maps import ShownHeatMap
from core.vision.bundle import Bundle
from core.vision.card.contents import HeatMapCard
from core.vision.framing import Framing
from core.vision.preparation import Seen

LONGER_SIDE = 96


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Where a network found what speaks for a class.

    Attributes:
        heat: (h, w) float32 in [0, 1] over the whole image, 1 where most speaks for it, 0 where
            nothing does or the network did not see.
        label: the class key.
        method, layer: how it was drawn.
        bundle: name of the bundle.
    """

    heat: np.ndarray
    label: str
    method: str
    layer: str
    bundle: str

    def shown(self) -> ShownHeatMap:
        """As it is drawn and kept: 8-bit grey."""
        out = io.BytesIO()
        Image.fromarray((255 * self.heat).round().astype(np.uint8)).save(out, "PNG")
        return ShownHeatMap(self.label, self.method, self.layer, self.bundle, out.getvalue())


class HeatMaps:
    """Draws the heat maps of one bundle; safe to share by threads.

    Raises:
        HeatMapError: its network has no layer to draw them from.
        BundleRefusedError: its weights do not fit its card.
    """

    def __init__(self, bundle: Bundle) -> None:
        how = _how(bundle)

        from captum.attr import LayerGradCam

        from core.vision.described import read_body

        self.bundle, self.how = bundle, how
        net = read_body(bundle)
        try:
            self._cam = LayerGradCam(net, net.get_submodule(how.layer))
        except AttributeError as error:
            raise HeatMapError(
                f"The card of {bundle.name} names a layer {how.layer!r} for heat maps, "
                "which its network does not have. Make the model again."
            ) from error
        self._alone = Lock()  # what the network saw on the way is kept in it for a moment

    def of(self, seen: Seen, label: str) -> HeatMap:
        """The heat map of an image for one class.

        Args:
            seen: the image as the bundle's preparation gives it, under the prediction's profile.
            label: key of any output of the bundle.

        Raises:
            HeatMapError: the bundle does not know the label.
        """
        heat = _in_image(self.of_square(seen.square, label), seen.framing)
        return HeatMap(heat, label, self.how.method, self.how.layer, self.bundle.name)

    def of_square(self, square: np.ndarray, label: str) -> np.ndarray:
        """(S, S, 3) uint8 as the network sees it → (h, w) float32 in [0, 1], of the layer's size.

        Raises:
            HeatMapError: the bundle does not know the label.
        """
        import torch

        card = self.bundle.card
        known = (*card.classes, *card.outside)
        if label not in known:
            raise HeatMapError(
                f"{self.bundle.name} does not know {label!r}. Choose one of: {', '.join(known)}."
            )
        pixels = torch.from_numpy(np.array(square)).permute(2, 0, 1)[None].float().div(255)
        pixels = (pixels - card.mean) / card.std
        with self._alone:
            cam = self._cam.attribute(pixels, target=known.index(label), relu_attributions=True)
        heat: np.ndarray = cam[0, 0].detach().numpy()
        return heat / max(float(heat.max()), float(np.finfo(np.float32).tiny))


def _how(bundle: Bundle) -> HeatMapCard:
    if bundle.card.heat_map:
        return bundle.card.heat_map

    from core.vision.networks import heat_layer

    layer = heat_layer(bundle.card.architecture)
    if layer is None:
        raise HeatMapError(
            f"No heat map can be drawn of {bundle.card.architecture}: it has no layer whose "
            "channels lie over the image. Choose a model with a convolutional network."
        )
    return HeatMapCard(layer=layer)


def _in_image(heat: np.ndarray, framing: Framing) -> np.ndarray:
    """(n, n) over what the network sees → over the whole image, cold where it does not see."""
    width, height = framing.image_px
    step = max(width, height) / LONGER_SIDE
    grid = (max(1, round(width / step)), max(1, round(height / step)))
    ends = np.array([(0, 0), (width, height)])  # of the image, in px of the map
    (left, top), (right, bottom) = framing.to_square(ends) * (len(heat) / framing.square_px)
    placed = Image.fromarray(heat).transform(
        grid,
        Image.Transform.AFFINE,
        ((right - left) / grid[0], 0, left, 0, (bottom - top) / grid[1], top),
        Image.Resampling.BICUBIC,
        fillcolor=0,
    )
    return np.asarray(placed, dtype=np.float32).clip(0, 1)
