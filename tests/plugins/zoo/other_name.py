"""Answers a hook under a name of its own."""

from core.plugin_api import ReviewStage, hookimpl


@hookimpl(specname="review_route")
def review_office() -> tuple[ReviewStage, ...] | None:
    return None
