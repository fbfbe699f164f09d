"""What all sessions of one server share."""

import streamlit as st

from core.records import schema
from core.records.store import Store
from core.settings import settings


def store() -> Store:
    """The database in force, brought to the newest schema once a server."""
    return _store(settings().database)


@st.cache_resource(show_spinner="Opening the database")
def _store(url: str) -> Store:
    schema.migrate(url)
    return Store(url)
