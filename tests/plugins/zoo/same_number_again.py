"""Gives every certificate the same number."""

from core.plugin_api import hookimpl


@hookimpl
def certificate_number() -> str | None:
    return "TAKEN-001"
