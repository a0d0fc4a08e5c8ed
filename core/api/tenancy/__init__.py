"""Offices and the health of their plugins over JSON."""

from core.api.tenancy import offices

ROUTERS = [offices.router]
