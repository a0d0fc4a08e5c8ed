"""Divides by zero."""

from core.plugin_api import Finding, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return [] * (1 // 0)
