"""What is noted of one image file: content hash, size, colour, sharpness, a small grey print."""

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core import images, taxonomy
from core.errors import ImageRefusedError
from core.image_files import image_bytes

PRINT_SIDE_PX = 32
_MEASURED_AT_PX = 160  # enough for colour and focus, and a JPEG is decoded at half its size
_CHANNELS = ("r", "g", "b")


def unmeasured(problem: str | None = None) -> dict[str, Any]:
    """The values of a file of which nothing is known but what is wrong with it."""
    colour = {f"{what}_{c}": float("nan") for what in ("mean", "std") for c in _CHANNELS}
    blank: dict[str, Any] = {"width": 0, "height": 0, "mode": "", "sha256": "", "near_hash": 0}
    return blank | colour | {"sharpness": float("nan"), "print": b"", "problem": problem}


def measure(path: Path) -> dict[str, Any]:
    """The measures of one file, or the reason why it has none in ``problem``.

    Colour is 0..255. ``sharpness`` is the deviation of the Laplacian of the green channel
    at 160 to 320 pixels a side. ``near_hash`` is a 64-bit difference hash, ``print`` the
    image in 32x32 grey bytes; both find the same cell photographed twice.
    """
    if path.is_dir():
        return unmeasured("The class folder holds no file. Put images into it or remove it.")
    try:
        data = image_bytes(path)
        return unmeasured() | {"sha256": hashlib.sha256(data).hexdigest()} | _pixels(data)
    except ImageRefusedError as error:
        return unmeasured(str(error))
    except OSError as error:
        return unmeasured(f"The file cannot be read: {error.strerror}.")


def label_problem(label: str) -> str | None:
    """Why images of a folder with this label are listed but not used, None if they are."""
    if taxonomy.is_kind(label):
        return None
    return (
        f"The folder {label!r} is no known class, so its images are not used. "
        f"Known: {', '.join(taxonomy.KEYS)}."
    )


def _pixels(data: bytes) -> dict[str, Any]:
    image = images.decode(data, at_least_px=_MEASURED_AT_PX)
    with Image.open(io.BytesIO(data)) as header:
        width, height, mode = header.width, header.height, header.mode
    mean, deviation = _moments(image)
    return {
        "width": width,
        "height": height,
        "mode": mode,
        **{f"mean_{c}": float(value) for c, value in zip(_CHANNELS, mean, strict=True)},
        **{f"std_{c}": float(value) for c, value in zip(_CHANNELS, deviation, strict=True)},
        "sharpness": _sharpness(np.asarray(image)),
        "near_hash": _difference_hash(image.convert("L")),
        "print": _print(image),
    }


def _moments(image: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    counts = np.array(image.histogram(), dtype=np.float64).reshape(3, 256)
    shares = counts / counts.sum(axis=1, keepdims=True)
    levels = np.arange(256)
    mean = shares @ levels
    variance = shares @ levels**2 - mean**2
    return mean, np.sqrt(variance.clip(min=0))


def _sharpness(rgb: np.ndarray) -> float:
    green = rgb[..., 1].astype(np.float32)
    inner = green[1:-1, 1:-1]
    around = green[:-2, 1:-1] + green[2:, 1:-1] + green[1:-1, :-2] + green[1:-1, 2:]
    return float((4 * inner - around).std())


def _difference_hash(grey: Image.Image) -> int:
    small = np.asarray(grey.resize((9, 8), Image.Resampling.BOX))
    bits = np.packbits(small[:, 1:] > small[:, :-1])
    return int(bits.view(np.int64)[0])


def _print(image: Image.Image) -> bytes:
    square = Image.fromarray(images.fit_square(image, PRINT_SIDE_PX))
    return square.convert("L").tobytes()
