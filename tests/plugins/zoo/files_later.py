"""Gives itself a month more to file."""

from datetime import timedelta

from core.plugin_api import FilingDue, FilingKind, SeasonView, WindowKind, hookimpl


@hookimpl
def filings_due(season: SeasonView) -> list[FilingDue]:
    frame = season.frame.window(WindowKind.QUALIFICATION_REVIEW)
    later = frame.closes + timedelta(days=30) if frame else None
    return [FilingDue(FilingKind.REGISTRATION_SUMMARY, "报名汇总", later, "zoo")] if later else []
