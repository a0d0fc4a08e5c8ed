"""Finds something, but does not say what."""

from core.plugin_api import Finding, Severity, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return [Finding("zoo.silent", "zoo", Severity.BLOCKS, " ")]
