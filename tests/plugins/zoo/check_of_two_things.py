"""Has a check that wants more than settings."""

from core.plugin_api import Finding, SelfCheck, SelfCheckLevel, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return []


def check(settings: object, database: object) -> list[SelfCheck]:
    return [SelfCheck(SelfCheckLevel.FINE, f"{settings} {database}")]
