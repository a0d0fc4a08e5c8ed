"""Has settings that cannot even be refused."""

from pydantic import BaseModel, model_validator

from core.plugin_api import Finding, hookimpl


class Settings(BaseModel, frozen=True):
    """Nothing to set."""

    @model_validator(mode="after")
    def _divides(self) -> "Settings":
        raise ZeroDivisionError("no days")


@hookimpl
def eligibility_findings() -> list[Finding]:
    return []
