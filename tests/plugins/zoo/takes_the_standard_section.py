"""Puts itself in the place of the standard figures."""

from core.plugin_api import ReportSection, hookimpl


@hookimpl
def report_sections() -> list[ReportSection]:
    return [ReportSection("standard", "基本情况", {"all_is_well": 1})]
