"""The city, its county, and the cases between them, for these tests."""

from tests.entrusted import offices, world
from tests.linshui import loaded_databases

__all__ = ["loaded_databases", "offices", "world"]
