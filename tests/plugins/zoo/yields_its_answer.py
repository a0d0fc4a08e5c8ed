"""Is a generator function."""

from collections.abc import Iterator

from core.plugin_api import Finding, Severity, hookimpl


@hookimpl
def eligibility_findings() -> Iterator[Finding]:
    yield Finding("zoo.yielded", "zoo", Severity.NOTES, "例")
