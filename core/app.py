"""The web's composition root: the routes of all capabilities, and the middleware around them."""

from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import HeaderParameter
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from litestar.types import ASGIApp
from prometheus_client import CollectorRegistry
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core import api
from core.api.applications import applications
from core.api.oversight import case_history
from core.api.reviews import reviews
from core.pages.earlier_work import work_of_earlier_seasons, work_that_waits
from core.pages.header import header
from core.platform import Platform
from core.text import filters
from core.web import health
from core.web.authentication.actor import PLACE_HEADER, ROLE_HEADER, TokenAuthentication
from core.web.authentication.browser import BrowserAuthentication
from core.web.authentication.csrf import CsrfProtection, csrf_field, form_token
from core.web.authentication.sign_in import provide_own_account
from core.web.dependencies import AS_PROVINCE, provide_session
from core.web.errors import EXCEPTION_HANDLERS, record_failure
from core.web.guards import AUDITORS, CENTER, allow
from core.web.idempotency import provide_replay
from core.web.limits import LARGEST_BODY, Limits
from core.web.metrics import Measured, make_registry
from core.web.page.assets import asset, serve_asset
from core.web.page.reloading import ways_back
from core.web.page.season_address import lead_on_in_season
from core.web.page.uploads import FormFiles
from core.web.ports import Ports
from core.web.reference import MadeOnce, ReferencePage
from core.web.request_log import RequestLog
from core.web.routes import declared_in, modules_below
from core.web.security_headers import protect_answer

_CORE = Path(__file__).parent
PORTS = Ports(header=header, earlier_work=work_of_earlier_seasons, work_that_waits=work_that_waits)
"""The answers that the kit of the web asks the capabilities for."""


def create_app(platform: Platform) -> Litestar:
    """The whole web application of an open platform."""
    return Routes().at_work(platform)


class Routes:
    """Every page and route. To make them takes almost a second; to put them to work takes no time."""

    def __init__(self) -> None:
        self.application = Litestar(
            route_handlers=[_pages(), health.is_alive, health.is_ready, health.show_metrics, _api(), serve_asset],
            dependencies={
                "platform": Provide(_provide_platform, sync_to_thread=False),
                "session": Provide(provide_session),
                "replay": Provide(provide_replay),
            },
            exception_handlers=EXCEPTION_HANDLERS,
            after_exception=[record_failure],
            openapi_config=_openapi(),
            template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(_templates())),
            request_max_body_size=LARGEST_BODY,
            before_send=[protect_answer, lead_on_in_season],
            middleware=[Limits(), FormFiles(), CsrfProtection()],
            logging_config=None,
        )
        self._handler = self.application.asgi_handler

    def at_work(self, platform: Platform) -> Litestar:
        """The application on an open platform, without any state of an earlier platform."""
        registry = make_registry(platform)
        for name, value in (
            ("platform", platform),
            ("metrics", registry),
            ("last_look", health.LastLook()),
            ("ports", PORTS),
        ):
            self.application.state[name] = value
        self.application.asgi_handler = _surrounded(self._handler, platform, registry)
        return self.application


def _provide_platform(request: Request[Any, Any, State]) -> Platform:
    platform: Platform = request.app.state.platform
    return platform


def _pages() -> Router:
    """The pages of all capabilities, for browsers with or without a sign-in."""
    declared = [page for module in modules_below("core.pages") for page in declared_in(module.__name__)]
    return Router(
        "/",
        route_handlers=[*declared, *ways_back(declared)],
        dependencies={"own": Provide(provide_own_account)},
        middleware=[BrowserAuthentication],
        include_in_schema=False,
    )


def _surrounded(app: ASGIApp, platform: Platform, registry: CollectorRegistry) -> ASGIApp:
    """The middleware around all answers, those to unknown addresses and faults included; the last is outermost."""
    proxies = platform.settings.trusted_proxies
    app = Measured(app, registry)
    if proxies:
        # The client behind a proxy, and whether it used TLS. Headers from other addresses are ignored.
        app = cast(ASGIApp, ProxyHeadersMiddleware(cast(Any, app), trusted_hosts=[str(proxy) for proxy in proxies]))
    return RequestLog(app, trusted=proxies)


def _api() -> Router:
    """The routers of all capabilities, for programs with a token."""
    modules = [module for name in api.CAPABILITIES for module in modules_below(f"core.api.{name}")]
    return Router(
        "/api/v1",
        route_handlers=[*(module.router for module in modules if hasattr(module, "router")), _supervision()],
        middleware=[TokenAuthentication],
        parameters={
            "acting_role": HeaderParameter(
                annotation=str, name=ROLE_HEADER, required=False, description="账号有多个角色时，以哪个角色办理。"
            ),
            "acting_place": HeaderParameter(
                annotation=str,
                name=PLACE_HEADER,
                required=False,
                description="同一角色有多处时，在哪个机构或单位办理。",
            ),
        },
    )


def _supervision() -> Router:
    """The routes of cases as the center and its auditors see them."""
    return Router(
        "/supervision/applications",
        route_handlers=[*applications.SUPERVISED, *reviews.SUPERVISED, *case_history.SUPERVISED],
        guards=[allow(CENTER | AUDITORS)],
        opt={AS_PROVINCE: True},
        tags=["全省监管"],
    )


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="考务",
        version=version("kaowu"),
        description="工勤技能岗位等级考核：申报、审查、委托、备案与监管。",
        path="/schema",
        render_plugins=[MadeOnce(plugin) for plugin in (ReferencePage(), JsonRenderPlugin(), YamlRenderPlugin())],
        components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"token": []}],
    )


def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader([_CORE / "pages", _CORE / "web" / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {"asset": asset, "csrf_field": csrf_field, "form_token": form_token}
    names = ("day", "minute", "deadline", "end", "until", "span", "grades", "remaining")
    templates.filters |= {name: getattr(filters, name) for name in names}
    return templates
