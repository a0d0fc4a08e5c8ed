"""Is a coroutine function: nobody would await it."""

from core.plugin_api import Finding, hookimpl


@hookimpl
async def eligibility_findings() -> list[Finding]:
    return []
