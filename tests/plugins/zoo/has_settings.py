"""Is in order; what an office writes for it may not be."""

from pydantic import BaseModel

from core.plugin_api import Finding, Severity, hookimpl


class Settings(BaseModel, frozen=True):
    """One number that must be there."""

    days: int


@hookimpl
def eligibility_findings(*, settings: Settings) -> list[Finding]:
    return [Finding("zoo.asked", "zoo", Severity.NOTES, str(settings.days))]
