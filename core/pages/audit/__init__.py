"""The record by pages."""

from core.pages.audit import record

PAGES = [*record.PAGES]
