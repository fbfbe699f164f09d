"""What training sees of one cell."""

from dataclasses import replace

import numpy as np
import streamlit as st
import torch

from core.dataset.catalogue import Catalogue
from core.errors import ImageRefusedError
from core.image_files import image_bytes
from core.images import decode_cell
from core.training.config import TrainConfig
from core.training.recipes import across_laboratories
from core.vision.augment import augment
from core.vision.augmentation import Augmentation
from pages.components.shared import cells, charts
from pages.components.shared.words import plain

_SIDE_PX = 224
HERE, ELSEWHERE = "This laboratory", "External laboratories, too"


def twelve(catalogue: Catalogue) -> None:
    """The same cell twelve times, as training sees it."""
    one_each = catalogue.images.drop_duplicates("label").set_index("label")["path"]
    left, right = st.columns([4, 7], gap="medium")
    with left:
        label = st.selectbox("Cell", one_each.index.tolist(), format_func=charts.class_name)
        predict_for = st.segmented_control(
            "To predict for",
            [HERE, ELSEWHERE],
            default=HERE,
            required=True,
            key="augmentation_for",
        )
        config = TrainConfig(data_dir=str(catalogue.root), side_px=_SIDE_PX)
        if predict_for == ELSEWHERE:
            config = across_laboratories(config)
            st.caption(
                "Cells are framed alike, then changed as stains, optics and surroundings differ "
                "from laboratory to laboratory."
            )
        else:
            config = replace(config, augmentation=_form())
        if st.button("Another twelve", icon=":material/shuffle:"):
            st.session_state["twelve"] = st.session_state.get("twelve", 0) + 1
    with right:
        try:
            content = image_bytes(catalogue.root / one_each[label])
            rgb = config.preparation(decode_cell(content))
        except (OSError, ImageRefusedError) as error:
            st.error(plain(f"{one_each[label]} cannot be read any more: {error}"))
            return
        cells.gallery([cells.Card(one) for one in _augmented(rgb, config.augmentation)], 108)


def _augmented(rgb: np.ndarray, how: Augmentation) -> np.ndarray:
    batch = torch.tensor(rgb).permute(2, 0, 1).expand(12, -1, -1, -1)
    generator = torch.Generator().manual_seed(st.session_state.get("twelve", 0))
    changed = augment(batch, how, generator, _SIDE_PX).permute(0, 2, 3, 1)
    return ((changed + 1) * 127.5).round().to(torch.uint8).numpy()


def _form() -> Augmentation:
    usual = Augmentation()
    one, other = st.columns(2)
    with one:
        rotation = st.slider("Rotation, degrees", 0, 180, int(usual.rotation_degrees), 5)
        brightness = st.slider("Brightness, share", 0.0, 0.5, usual.brightness, 0.05)
        stain = st.slider("Stain mixing", 0.0, 0.3, usual.stain, 0.02)
        blur = st.slider("Blur, pixels", 0.0, 3.0, usual.blur, 0.25)
    with other:
        zoom = st.slider("Zoom, share", 0.0, 0.5, usual.zoom, 0.05)
        contrast = st.slider("Contrast, share", 0.0, 0.5, usual.contrast, 0.05)
        shift = st.slider("Shift, share of side", 0.0, 0.3, usual.shift, 0.05)
        flips = st.toggle("Flips", usual.flips)
    return Augmentation(flips, rotation, zoom, shift, brightness, contrast, stain, blur)
