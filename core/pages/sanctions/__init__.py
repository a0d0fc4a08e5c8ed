"""Cases of sanctions by pages."""

from core.pages.sanctions import cases

PAGES = [*cases.PAGES]
