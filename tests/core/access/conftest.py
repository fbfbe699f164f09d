"""Readings to judge, as the tests of the records make them."""

from tests.core.records.conftest import log, make_reading

__all__ = ["log", "make_reading"]
