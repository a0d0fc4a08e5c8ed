"""Hands cases to a neighbour that holds no delegation."""

from core.plugin_api import OfficeCode, hookimpl


@hookimpl
def review_office() -> OfficeCode | None:
    return OfficeCode("linshui/yunshan")
