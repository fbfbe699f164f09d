"""The network that answers, opened once a server."""

import streamlit as st

from core.analysis.predictor import Predictor, open_predictor
from core.settings import settings


def predictor() -> Predictor:
    """The predictor of the bundle in force.

    Raises:
        BundleMissingError: there is no such bundle yet.
        BundleRefusedError: there is one, but it cannot be trusted.
    """
    with st.spinner("Opening the network", show_time=False):
        return open_predictor(settings())
