"""Does without any review."""

from core.plugin_api import ReviewStage, hookimpl


@hookimpl
def review_route() -> tuple[ReviewStage, ...] | None:
    return ()
