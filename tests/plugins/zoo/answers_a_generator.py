"""Answers with something that has yet to be computed."""

from core.plugin_api import Finding, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return (finding for finding in ())
