"""Declares its needs as text, which is a set of letters."""

from core.plugin_api import Finding, hookimpl

needs = "birth"


@hookimpl
def eligibility_findings() -> list[Finding]:
    return []
