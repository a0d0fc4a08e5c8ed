"""Gushi receives on-site papers by group of units, each on days of its own, and tells applicants which.

Illustrative: the days of Gushi in 2024 are not known. Source of the procedure: 2024 notice §2(2), 由单位人事部门集中报.
"""

from pydantic import BaseModel

from core.plugin_api import ApplicationView, Finding, Severity, hookimpl

needs = {"unit"}


class Settings(BaseModel, frozen=True):
    """``days``: for the ending of a unit's name, the days of its group; ``others``: those of all other units."""

    days: dict[str, str] = {
        "学校": "4月8日至9日",
        "中学": "4月8日至9日",
        "小学": "4月8日至9日",
        "医院": "4月10日",
        "卫生院": "4月10日",
    }
    others: str = "4月11日至12日"


@hookimpl
def eligibility_findings(application: ApplicationView, *, settings: Settings) -> list[Finding]:
    """A note with the days of the applicant's unit."""
    name: str = application.unit_name
    days = next((days for ending, days in settings.days.items() if name.endswith(ending)), settings.others)
    text = f"需现场审查确认的，请于{days}由单位人事部门集中报送材料。"
    return [Finding("gushi.onsite_days", "固始县现场审查安排（示例）", Severity.NOTES, text)]
