"""Adds to every office's report, beyond the standard figures, the cases in hand by delegation.

Source: 2024 notice §2(5), 加强对县（市）报名资格审查的事中事后监管.
"""

from collections.abc import Mapping

from core.plugin_api import ReportSection, StandardFigure, hookimpl


@hookimpl
def report_sections(figures: Mapping[str, int]) -> list[ReportSection]:
    """The number of cases that counties have in hand by delegation, and of those that the office kept."""
    delegated = figures.get(StandardFigure.DELEGATED, 0)
    kept = figures.get(StandardFigure.SUBMITTED, 0) - delegated
    return [ReportSection("delegation", "放权承接情况", {"由县（市）办理": delegated, "由本机构办理": kept})]
