"""What all sessions of one server share."""

import streamlit as st

from core.access import first_admin
from core.analysis.in_use import in_use
from core.analysis.predictor import Predictor, open_predictor
from core.errors import BundleError
from core.records import schema
from core.records.store import Store
from core.settings import settings
from core.vision.bundle import Bundle, find_bundle


def store() -> Store:
    """The database in force, brought to the newest schema once a server."""
    return _store(settings().database)


def predictor() -> Predictor:
    """The predictor of the bundle in force.

    Raises:
        BundleMissingError: there is no such bundle yet.
        BundleRefusedError: there is one, but it cannot be trusted.
    """
    with st.spinner("Opening the network", show_time=False):
        return open_predictor(settings())


def active_bundle() -> Bundle | None:
    """The bundle that answers; None where it is missing or refused."""
    return bundle(in_use(settings()).bundle)


@st.cache_resource(show_spinner="Opening the database")
def _store(url: str) -> Store:
    schema.migrate(url)
    opened = Store(url)
    first_admin.announce(opened, f"http://localhost:{st.get_option('server.port')}")
    return opened


@st.cache_resource(ttl=60, show_spinner=False)
def bundle(name: str) -> Bundle | None:
    """A bundle by name; None where it is missing or refused."""
    try:
        return find_bundle(name, settings())
    except BundleError:
        return None
