"""The same in pluggy's older style."""

from collections.abc import Generator

from core.plugin_api import hookimpl


@hookimpl(hookwrapper=True)
def review_route() -> Generator[None, object, None]:
    yield
