"""Reports half a person."""

from core.plugin_api import ReportSection, hookimpl


@hookimpl
def report_sections() -> list[ReportSection]:
    return [ReportSection("zoo", "例", {"half": 0.5})]
