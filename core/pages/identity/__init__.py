"""Accounts, registration and staff by pages."""

from core.pages.identity import account, registration, staff

PAGES = [*account.PAGES, *registration.PAGES, *staff.PAGES]
