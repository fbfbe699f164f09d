"""What all sessions of one server share."""

import logging
import secrets

import streamlit as st
from streamlit import config
from streamlit import logger as streamlit_log

from core import logs
from core.access import first_admin
from core.access.handover import TICKETS
from core.analysis import deployments
from core.analysis.answering import Answering
from core.analysis.predictor import Predictor
from core.errors import BundleError
from core.jobs import Queue
from core.records import schema
from core.records.deployments import Deployment
from core.records.store import Store
from core.settings import Settings, settings
from core.vision.bundle import Bundle, find_bundle


def store() -> Store:
    """The database in force, brought to the newest schema once a server."""
    return _store(settings().database)


def queue() -> Queue:
    """The queue of long work."""
    return Queue(store(), settings())


def predictor() -> Predictor:
    """The predictor of what is in use.

    Raises:
        BundleError: the bundle is missing or damaged.
        DeploymentError: it, or the laboratory profile, is another than was put into use.
    """
    with st.spinner("Opening the network", show_time=False):
        return _answering(store(), settings()).predictor()


def deployed() -> Deployment:
    """What is in use.

    Raises:
        DeploymentError: an older installation's choice cannot be read.
    """
    return deployments.current(store(), settings())


def active_bundle() -> Bundle:
    """The bundle that answers; raises as ``predictor`` where none can."""
    return _checked(deployed())


@st.cache_resource(show_spinner=False, hash_funcs={Settings: repr, Store: id})
def _answering(of: Store, chosen: Settings) -> Answering:
    return Answering(of, chosen)


@st.cache_resource(ttl=60, show_spinner=False, hash_funcs={Deployment: lambda one: one.models})
def _checked(of: Deployment) -> Bundle:
    return deployments.bundle_of(of, settings())


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
    if not TICKETS.served:
        logs.log.warning("started_without_gates", instead="python -m apps.server")


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
