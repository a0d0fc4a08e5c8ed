"""Is in order, and asks about everybody."""

from core.plugin_api import Finding, Severity, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return [Finding("zoo.added", "zoo", Severity.ASKS, "例")]
