"""Wants to correct what the applicant wrote."""

from core.plugin_api import ApplicationView, Finding, Grade, hookimpl


@hookimpl
def eligibility_findings(application: ApplicationView) -> list[Finding]:
    application.grade = Grade.FIVE
    return []
