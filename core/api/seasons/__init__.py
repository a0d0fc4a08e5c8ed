"""Seasons and calendars over JSON."""
