"""Defines settings that nobody can check."""

from core.plugin_api import Finding, hookimpl


class Settings:
    """No pydantic model."""


@hookimpl
def eligibility_findings() -> list[Finding]:
    return []
