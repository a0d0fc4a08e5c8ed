"""Answers with something that never ends."""

import itertools

from core.plugin_api import Finding, Severity, hookimpl

FINDING = Finding("zoo.endless", "zoo", Severity.NOTES, "例")


@hookimpl
def eligibility_findings() -> list[Finding]:
    return itertools.repeat(FINDING)
