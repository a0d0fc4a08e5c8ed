"""Offices, plugins and the installation by pages."""

from core.pages.tenancy import offices, operations

PAGES = [*offices.PAGES, *operations.PAGES]
