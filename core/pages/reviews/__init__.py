"""The desks of offices and units by pages."""

from core.pages.reviews import case, desk, desk_export, rosters, unit_desk

PAGES = [*case.PAGES, *desk.PAGES, *desk_export.PAGES, *rosters.PAGES, *unit_desk.PAGES]
