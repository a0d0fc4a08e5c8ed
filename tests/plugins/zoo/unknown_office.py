"""Hands cases to an office that does not exist."""

from core.plugin_api import OfficeCode, hookimpl


@hookimpl
def review_office() -> OfficeCode | None:
    return OfficeCode("linshui/atlantis")
