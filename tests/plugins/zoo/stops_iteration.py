"""Raises what loops take for their end."""

from core.plugin_api import Finding, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return [next(iter(()))]
