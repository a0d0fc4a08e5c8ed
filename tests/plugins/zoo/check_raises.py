"""Fails while it looks at its own set-up."""

from core.plugin_api import Finding, SelfCheck, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    return []


def check() -> list[SelfCheck]:
    raise OSError("no gateway")
