"""Does without the review of qualifications."""

from core.plugin_api import ReviewStage, hookimpl


@hookimpl
def review_route() -> tuple[ReviewStage, ...] | None:
    return (ReviewStage.UNIT_REVIEW, ReviewStage.DEPARTMENT_REVIEW)
