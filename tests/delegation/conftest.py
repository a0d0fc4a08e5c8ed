"""The city, its county, and the cases between them, for these tests."""

from __future__ import annotations

from tests.entrusted import entrusted_databases, offices, world

__all__ = ["entrusted_databases", "offices", "world"]
