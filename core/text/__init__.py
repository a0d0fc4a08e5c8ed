"""Texts, names and dates as people write them, and tables that they upload."""
