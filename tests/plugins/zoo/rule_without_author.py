"""Names a rule as if it were the only one."""

from core.plugin_api import Finding, Severity, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return [Finding("contract", "zoo", Severity.NOTES, "例")]
