"""Gives an argument a default: pluggy would pass nothing for it."""

from core.plugin_api import Finding, Severity, hookimpl


@hookimpl
def eligibility_findings(application: object = None) -> list[Finding]:
    return [Finding("zoo.asked", "zoo", Severity.NOTES, str(application))]
