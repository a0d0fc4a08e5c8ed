"""Calendars and late entries by pages."""

from core.pages.seasons import office_calendar, public_calendars

PAGES = [*office_calendar.PAGES, *public_calendars.PAGES]
