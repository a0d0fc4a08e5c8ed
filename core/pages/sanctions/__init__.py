"""Pages of sanction cases."""

from core.pages.sanctions import cases

PAGES = [*cases.PAGES]
