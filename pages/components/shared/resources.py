"""What all sessions of one server share."""

import logging
import secrets

import streamlit as st
from streamlit import config
from streamlit import logger as streamlit_log

from core import logs
from core.access import first_admin
from core.analysis.in_use import in_use
from core.analysis.predictor import Predictor, open_predictor
from core.errors import BundleError
from core.jobs import Queue
from core.records import schema
from core.records.store import Store
from core.settings import settings
from core.vision.bundle import Bundle, find_bundle


def store() -> Store:
    """The database in force, brought to the newest schema once a server."""
    return _store(settings().database)


def queue() -> Queue:
    """The queue of long work."""
    return Queue(store(), settings())


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


def log_this_run() -> None:
    """Gives this run of the app an id in the log, and Streamlit's own lines their place there."""
    _keep_log()
    logs.begin(request_id=secrets.token_hex(8))


@st.cache_resource(show_spinner=False)
def _keep_log() -> None:
    logs.set_up(settings().log_level, settings().log_format)
    # Streamlit gives each of its loggers an output of its own, which tells every message as it is.
    config.set_option("logger.enableRich", False)
    streamlit_log.setup_formatter = _pass_on
    streamlit_log.update_formatter()


def _pass_on(logger: logging.Logger) -> None:
    logger.handlers.clear()
    logger.propagate = True


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
