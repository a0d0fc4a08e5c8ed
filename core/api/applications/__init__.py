"""Applications over JSON."""

from core.api.applications import applications

ROUTERS = [applications.router]
