"""The county that took a stage over decides it, except on the paths that its city kept for itself.

A delegation's own scope says stages, grades, trades and units; a city that keeps, say, the frontline exception in its
own hands says so under ``[plugin.county_delegation]``. Source: 2024 notice §2(5), 已承接…的县（市）.
"""

from pydantic import BaseModel

from core.plugin_api import ApplicationPath, ApplicationView, OfficeCode, ReviewStage, hookimpl


class Settings(BaseModel, frozen=True):
    """``kept_paths``: the paths that the city decides itself, also with a delegation."""

    kept_paths: frozenset[ApplicationPath] = frozenset()


@hookimpl
def review_office(application: ApplicationView, stage: ReviewStage, *, settings: Settings) -> OfficeCode | None:
    """The owner for a path that it kept, else the holder of the stage; without a holder, the level above is asked."""
    if application.path in settings.kept_paths:
        owner: OfficeCode = application.office
        return owner
    return application.delegate_for(stage)
