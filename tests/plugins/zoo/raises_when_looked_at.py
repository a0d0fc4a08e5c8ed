"""Holds an object that raises whatever it is asked for."""

from core.plugin_api import Finding, hookimpl


class _NobodyHome:
    def __getattr__(self, name: str) -> object:
        raise RuntimeError("outside of a request")


request = _NobodyHome()


@hookimpl
def eligibility_findings() -> list[Finding]:
    return []
