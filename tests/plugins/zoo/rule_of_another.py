"""Takes the name of a rule that the province's plugin uses."""

from core.plugin_api import Finding, Severity, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return [Finding("zoo.steady", "zoo", Severity.NOTES, "符合条件")]
