"""Ends the process, or tries to."""

import sys

from core.plugin_api import Finding, hookimpl


@hookimpl
def eligibility_findings() -> list[Finding]:
    sys.exit(1)
