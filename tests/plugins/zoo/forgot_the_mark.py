"""Defines a hook that nobody would ever call."""

from core.plugin_api import FilingDue, Finding, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return []


def filings_due() -> list[FilingDue]:
    return []
