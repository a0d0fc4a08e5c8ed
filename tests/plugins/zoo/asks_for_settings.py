"""Asks for settings that it does not define."""

from core.plugin_api import Finding, Severity, hookimpl


@hookimpl
def eligibility_findings(*, settings: object) -> list[Finding]:
    return [Finding("zoo.asked", "zoo", Severity.NOTES, str(settings))]
