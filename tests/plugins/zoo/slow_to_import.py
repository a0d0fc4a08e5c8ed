"""Waits for something while it is imported."""

import time

from core.plugin_api import Finding, hookimpl

time.sleep(1.5)


@hookimpl
def eligibility_findings() -> list[Finding]:
    return []
