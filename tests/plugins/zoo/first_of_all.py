"""Wants to be asked before plugins of more local offices."""

from core.plugin_api import ReviewStage, hookimpl


@hookimpl(tryfirst=True)
def review_route() -> tuple[ReviewStage, ...] | None:
    return None
