"""Wants to see and change what others answer."""

from collections.abc import Generator

from core.plugin_api import hookimpl


@hookimpl(wrapper=True)
def review_route() -> Generator[None, object, object]:
    yield
    return None
