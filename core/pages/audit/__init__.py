"""Pages of the record."""

from core.pages.audit import record

PAGES = [*record.PAGES]
