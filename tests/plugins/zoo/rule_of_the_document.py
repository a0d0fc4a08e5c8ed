"""Takes the name of one of the rule document's own rules."""

from core.plugin_api import Finding, Severity, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return [Finding("henan-2024.ladder", "zoo", Severity.NOTES, "符合条件")]
