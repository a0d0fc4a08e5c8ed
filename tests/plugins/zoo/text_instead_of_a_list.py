"""Answers with a word."""

from core.plugin_api import Finding, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return "blocks"
