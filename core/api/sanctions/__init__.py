"""Bans and cases of sanctions over JSON."""

from core.api.sanctions import bans, cases

ROUTERS = [bans.router, cases.router]
