"""Answers with a row of a table of its own instead of a value."""

from core.plugin_api import Finding, Severity, hookimpl


class FindingRow:
    """Looks like a finding."""

    rule, source, severity, text, missing = "zoo.row", "zoo", Severity.NOTES, "例", ""


@hookimpl
def eligibility_findings() -> list[Finding]:
    return [FindingRow()]
