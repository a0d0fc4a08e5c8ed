"""Bans and sanction cases as JSON."""

from core.api.sanctions import bans, cases

ROUTERS = [bans.router, cases.router]
