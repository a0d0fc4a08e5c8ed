"""Waits for something that does not come."""

import time

from core.plugin_api import Finding, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    time.sleep(1.5)
    return []
