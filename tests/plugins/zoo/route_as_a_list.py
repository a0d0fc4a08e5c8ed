"""Answers with a list where the hook says tuple."""

from core.plugin_api import ReviewStage, hookimpl


@hookimpl
def review_route() -> tuple[ReviewStage, ...] | None:
    return list(ReviewStage)
