"""Pages of offices, plugins and the installation."""

from core.pages.tenancy import offices, operations

PAGES = [*offices.PAGES, *operations.PAGES]
