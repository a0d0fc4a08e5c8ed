"""Seasons and calendars over JSON."""

from core.api.seasons import seasons

ROUTERS = [seasons.router]
