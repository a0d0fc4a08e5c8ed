"""Wants to know what it did not say that it needs."""

from core.plugin_api import ApplicationView, Finding, Severity, hookimpl

needs = {"unit"}


@hookimpl
def eligibility_findings(application: ApplicationView) -> list[Finding]:
    return [Finding("zoo.asked", "zoo", Severity.NOTES, str(application.birth_date))]
