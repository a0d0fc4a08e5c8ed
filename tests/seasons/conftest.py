"""The invented province, loaded once for these tests; what a test does to it is rolled back."""

from tests.linshui import linshui, loaded_databases

__all__ = ["linshui", "loaded_databases"]
