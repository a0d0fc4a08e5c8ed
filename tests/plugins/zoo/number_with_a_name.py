"""Writes a name into a certificate's number."""

from core.plugin_api import hookimpl


@hookimpl
def certificate_number() -> str | None:
    return "测试-001"
