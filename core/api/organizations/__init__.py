"""Units and their managers over JSON."""

from core.api.organizations import units

ROUTERS = [units.router]
