"""Delegation over JSON."""

from core.api.delegation import delegations

ROUTERS = [delegations.router]
