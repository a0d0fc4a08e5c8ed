"""Asks for an argument that the hook does not give."""

from core.plugin_api import Finding, Severity, hookimpl


@hookimpl
def eligibility_findings(applicant: object) -> list[Finding]:
    return [Finding("zoo.asked", "zoo", Severity.NOTES, str(applicant))]
