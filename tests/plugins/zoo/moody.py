"""Fails for hired staff only, in one hook of two."""

from core.plugin_api import ApplicationView, Finding, ReviewStage, hookimpl

needs = {"staff_category"}


@hookimpl
def eligibility_findings(application: ApplicationView) -> list[Finding]:
    if not application.is_regular_staff:
        raise ValueError("hired staff are beyond me")
    return []


@hookimpl
def review_route() -> tuple[ReviewStage, ...] | None:
    return None
