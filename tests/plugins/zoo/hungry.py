"""Answers with more than anybody could read."""

from core.plugin_api import Finding, Severity, hookimpl

FINDING = Finding("zoo.hungry", "zoo", Severity.NOTES, "例")


@hookimpl
def eligibility_findings() -> list[Finding]:
    return [FINDING] * 1_000_000
