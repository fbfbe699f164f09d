"""A field that stands in several data sets is one field: never learnt from and held back, too."""

from pathlib import Path

import numpy as np
from PIL import Image

from core.training.boxes.boxed import Boxed, dealt
from core.training.boxes.same import same_fields

BOXES = np.array([[0, 0.5, 0.5, 0.2, 0.2]], dtype=np.float32)


def field(number: int) -> Image.Image:
    small = np.random.default_rng(number).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    return Image.fromarray(small).resize((320, 240), Image.Resampling.BICUBIC)


def saved(image: Image.Image, path: Path) -> Path:
    image.save(path, quality=85)
    return path


def test_a_field_is_known_pressed_turned_and_mirrored(tmp_path: Path) -> None:
    pressed = field(0).resize((208, 208))
    changed = (
        pressed,
        pressed.transpose(Image.Transpose.ROTATE_90),
        pressed.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    )
    images = [field(0), *changed, field(1), field(2)]
    paths = [saved(image, tmp_path / f"{number}.jpg") for number, image in enumerate(images)]
    names = same_fields(paths).tolist()
    assert len(set(names[:4])) == 1
    assert len(set(names)) == 3


def test_no_field_is_learnt_from_here_and_held_back_there(tmp_path: Path) -> None:
    ours = [Boxed(saved(field(n), tmp_path / f"{n}.jpg"), "a", BOXES, (0,)) for n in range(10)]
    theirs = [
        Boxed(saved(field(n).resize((208, 208)), tmp_path / f"b{n}.jpg"), "b", BOXES, (0,))
        for n in (*range(3, 10), *range(20, 25))
    ]
    given = list(dealt([*ours, *theirs], ("a", "b")))
    held_back = {one.path.stem for one in given if one.held_back}
    assert held_back == {"0", "5", "b5", "b20"}
