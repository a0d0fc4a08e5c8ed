"""Answers with the names of stages."""

from core.plugin_api import ReviewStage, hookimpl


@hookimpl
def review_route() -> tuple[ReviewStage, ...] | None:
    return ("unit_review", "qualification_review")
