"""Declares a need that does not exist."""

from core.plugin_api import Finding, hookimpl

needs = {"birthday"}


@hookimpl
def eligibility_findings() -> list[Finding]:
    return []
