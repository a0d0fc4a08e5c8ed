"""The front of the API's description: a page of every address that needs neither scripts nor the net."""

from typing import Any

from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

from core.web.authentication.actor import PLACE_HEADER, ROLE_HEADER

_METHODS = ("get", "post", "put", "delete")


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
