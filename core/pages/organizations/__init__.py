"""Units and their managers by pages."""

from core.pages.organizations import units

PAGES = [*units.PAGES]
