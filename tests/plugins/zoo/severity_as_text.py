"""Writes a severity by hand."""

from core.plugin_api import Finding, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return [Finding("zoo.text", "zoo", "asks", "例")]
