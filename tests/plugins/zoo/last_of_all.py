"""Wants to be asked after the province."""

from core.plugin_api import ReviewStage, hookimpl


@hookimpl(trylast=True)
def review_route() -> tuple[ReviewStage, ...] | None:
    return None
