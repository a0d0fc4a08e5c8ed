"""Looks at its own set-up."""

from pydantic import BaseModel

from core.plugin_api import Finding, SelfCheck, SelfCheckLevel, hookimpl


class Settings(BaseModel, frozen=True):
    """One number."""

    days: int = 0


@hookimpl
def eligibility_findings() -> list[Finding]:
    return []


def check(settings: Settings) -> list[SelfCheck]:
    return [SelfCheck(SelfCheckLevel.WARNING, "the gateway is far", {"days": str(settings.days)})]
