"""Delegation and spot checks by pages."""

from core.pages.delegation import delegations, spot_checks

PAGES = [*delegations.PAGES, *spot_checks.PAGES]
