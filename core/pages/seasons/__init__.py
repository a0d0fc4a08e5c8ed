"""Calendars and late entries by pages."""
