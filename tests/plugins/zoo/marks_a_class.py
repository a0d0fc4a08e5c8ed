"""Marks something that is no function."""

from core.plugin_api import hookimpl


@hookimpl
class eligibility_findings:  # noqa: N801 - it stands where a hook should
    """No function."""
