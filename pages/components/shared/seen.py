"""An image as the network saw it for its prediction, the same for all that is drawn from it."""

import streamlit as st

from core.analysis.profiles import load_profile
from core.errors import BundleMissingError
from core.images import decode_cell
from core.settings import settings
from core.vision.preparation import Seen
from pages.components.shared import resources


@st.cache_data(max_entries=256, show_spinner=False)
def as_seen(image: bytes, bundle: str, profile: str | None) -> Seen:
    """What a bundle sees of an image.

    Args:
        image: the file's bytes.
        profile: name of the laboratory profile that was predicted under.

    Raises:
        BundleMissingError: the bundle is gone, or refused.
        ImageRefusedError: the bytes are no image.
        ProfileError: the profile is gone or damaged.
    """
    found = resources.bundle(bundle)
    if found is None:
        raise BundleMissingError(f"The model {bundle} of this prediction is no longer there.")
    prepare = found.card.preparation
    under = load_profile(profile, settings()) if profile else None
    return prepare.see(decode_cell(image, at_least_px=prepare.at_least_px), under)
