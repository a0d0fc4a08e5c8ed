"""The API's description: a page of every address that needs neither scripts nor the net, and each form made once."""

from typing import Any

from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

from core.web.authentication.actor import PLACE_HEADER, ROLE_HEADER

_METHODS = ("get", "post", "put", "delete")


class MadeOnce(OpenAPIRenderPlugin):
    """A form of the description that is made for the first who asks, and kept.

    The description is the same for as long as the process lives. As YAML it takes two seconds, in which nobody else is
    answered, and anybody may ask for it.
    """

    def __init__(self, plugin: OpenAPIRenderPlugin) -> None:
        super().__init__(path=plugin.paths, media_type=plugin.media_type)
        self._plugin = plugin
        self._made: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The description in this form."""
        if self._made is None:
            self._made = self._plugin.render(request, openapi_schema)
        return self._made


class ReferencePage(OpenAPIRenderPlugin):
    """Every address with its methods, as a page."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type="text/html")  # type: ignore[arg-type]

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Group the operations by subject, and fill in the template."""
        subjects: dict[str, list[dict[str, str]]] = {}
        for path, item in openapi_schema["paths"].items():
            for method in _METHODS:
                if method in item:
                    operation = item[method]
                    line = {"path": path, "method": method.upper(), "about": operation.get("description", "")}
                    subjects.setdefault((operation.get("tags") or ["其他"])[0], []).append(line)
        engine = request.app.template_engine
        assert engine is not None  # noqa: S101 - the application has templates
        page: str = engine.get_template("reference.html").render(
            subjects=subjects, role_header=ROLE_HEADER, place_header=PLACE_HEADER
        )
        return page.encode()
