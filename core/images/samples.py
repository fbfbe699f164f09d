"""From the samples of a file, of 1 to 32 bits, to 8 bits of red, green and blue.

Cameras of 10, 12 or 14 bits write 16-bit files. Pillow gives the upper byte alone of coloured
ones, so that they are decoded twice: once for the upper bytes and once for the lower.
"""

import io

import numpy as np
from PIL import Image, ImageFile, TiffImagePlugin

from core.errors import ImageRefusedError

_DEPTHS = (8, 10, 12, 14, 16)
_SAMPLED = 1_000_000  # samples that tell the depth
_MOST = 99.9  # per cent of them that a depth must hold: the rest are hot pixels
_OTHER_ORDER = {"L": "B", "B": "L", "N": "B" if np.little_endian else "L"}
_COLOURED = ("RGB", "RGBA")
_MIN_IS_WHITE = 0


def to_rgb(image: ImageFile.ImageFile, data: bytes) -> Image.Image:
    """An opened page as it is to be seen, mode RGB, on white.

    Args:
        data: the file's bytes.
    """
    if image.mode in _COLOURED and _is_deep(image):
        return _on_white(_coloured(image, data))
    if image.mode.startswith(("I", "F")):
        return grey(image).convert("RGB")
    return _on_white(image)


def grey(image: ImageFile.ImageFile) -> Image.Image:
    """An opened page of one sample a pixel, mode L."""
    if not image.mode.startswith(("I", "F")):
        return image.convert("L")
    values = np.asarray(image)
    if values.dtype.kind == "f" or values.min() < 0 or values.max() >= 2**16:
        return Image.fromarray(_stretched(values))
    small = _in_8_bits(values, _depth([values]))
    return Image.fromarray(255 - small if _min_is_white(image) else small)


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    opaque = image.convert("RGBA")
    if opaque.getchannel("A").getextrema() == (0, 0):  # an alpha that nobody filled in
        return opaque.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), opaque).convert("RGB")


def _is_deep(image: ImageFile.ImageFile) -> bool:
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return bool(image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (8,))[0] == 16)
    return bool(image.tile) and str(image.tile[0].args).startswith(("RGB;16", "RGBA;16"))


def _coloured(image: ImageFile.ImageFile, data: bytes) -> Image.Image:
    """Of 16 bits a sample, mode RGB or RGBA."""
    planes = _planes(image, data)
    depth = _depth(planes[:3])
    channels = [_in_8_bits(plane, depth) for plane in planes[:3]]
    channels += [_in_8_bits(plane, 16) for plane in planes[3:]]
    return Image.merge(image.mode, [Image.fromarray(channel) for channel in channels])


def _planes(image: ImageFile.ImageFile, data: bytes) -> list[np.ndarray]:
    """(H, W) uint16 each."""
    if is_planar(image) and image.tile[0].codec_name != "raw":  # its lower bytes cannot be had
        raise ImageRefusedError(
            "This TIFF holds its colours one after the other, compressed, in 16 bits, which is not "
            "read here. Save it without compression, or as PNG."
        )
    with Image.open(io.BytesIO(data), formats=(str(image.format),)) as again:
        again.seek(image.tell())
        image.tile = [_as_deep(tile) for tile in image.tile]
        again.tile = [_low_bytes(tile) for tile in image.tile]
        image.load()
        again.load()
        pairs = zip(image.split(), again.split(), strict=True)
        return [np.asarray(high) * np.uint16(256) + np.asarray(low) for high, low in pairs]


def is_planar(image: ImageFile.ImageFile) -> bool:
    """Whether it holds its colours one after the other."""
    return _tag(image, TiffImagePlugin.PLANAR_CONFIGURATION) == 2


def _as_deep(tile: ImageFile._Tile) -> ImageFile._Tile:
    """Planes of their own are taken for 8 bits by Pillow."""
    raw = _raw_mode(tile)
    return tile if ";16" in raw else _with_raw_mode(tile, f"{raw};16L")


def _low_bytes(tile: ImageFile._Tile) -> ImageFile._Tile:
    raw = _raw_mode(tile)
    return _with_raw_mode(tile, raw[:-1] + _OTHER_ORDER[raw[-1]])


def _raw_mode(tile: ImageFile._Tile) -> str:
    return str(tile.args if isinstance(tile.args, str) or not tile.args else tile.args[0])


def _with_raw_mode(tile: ImageFile._Tile, raw: str) -> ImageFile._Tile:
    args = raw if isinstance(tile.args, str) or not tile.args else (raw, *tile.args[1:])
    return tile._replace(args=args)


def _depth(planes: list[np.ndarray]) -> int:
    """Bits that hold all samples but hot pixels."""
    samples = np.concatenate([p.ravel()[:: max(1, p.size // _SAMPLED)] for p in planes])
    highest = np.percentile(samples, _MOST)
    return next(bits for bits in _DEPTHS if highest < 2**bits)


def _in_8_bits(values: np.ndarray, depth: int) -> np.ndarray:
    return np.asarray(np.minimum(values >> (depth - 8), 255), dtype=np.uint8)


def _stretched(values: np.ndarray) -> np.ndarray:
    """Samples without a known range → uint8, all but the rarest in range."""
    known = np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = np.percentile(
        known.ravel()[:: max(1, known.size // _SAMPLED)], (100 - _MOST, _MOST)
    )
    if not high > low:  # all but a few pixels are alike
        low, high = known.min(), known.max()
    scale = 255.0 / (high - low) if high > low else 0.0
    return np.asarray((known.clip(low, high) - low) * scale).astype(np.uint8)


def _min_is_white(image: ImageFile.ImageFile) -> bool:
    return _tag(image, TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == _MIN_IS_WHITE


def _tag(image: ImageFile.ImageFile, tag: int) -> object:
    """What a TIFF says under this tag; None for other files."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return image.tag_v2.get(tag)
    return None
