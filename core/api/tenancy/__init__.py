"""Offices and the health of their plugins, as JSON."""

from core.api.tenancy import offices

ROUTERS = [offices.router]
