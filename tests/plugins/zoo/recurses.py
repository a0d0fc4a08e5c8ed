"""Calls itself for ever."""

from core.plugin_api import Finding, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return eligibility_findings()
