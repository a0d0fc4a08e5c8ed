"""Raises what an operator's Ctrl-C raises."""

from core.plugin_api import Finding, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    raise KeyboardInterrupt
