"""The network that answers, opened once a server."""

import streamlit as st

from core.analysis.predictor import Predictor
from core.settings import settings
from core.vision.bundle import find_bundle
from core.vision.classifier import Classifier


def predictor() -> Predictor:
    """The predictor of the bundle in force.

    Raises:
        BundleMissingError: there is no such bundle yet.
        BundleRefusedError: there is one, but it cannot be trusted.
    """
    return _predictor(settings().bundle, settings().runtime)


@st.cache_resource(show_spinner="Opening the network", max_entries=2)
def _predictor(name: str, runtime: str) -> Predictor:
    return Predictor(Classifier(find_bundle(name, settings()), runtime))
