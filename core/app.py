"""The web's composition root: which capabilities answer under which address, and what holds for all of them."""

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

from core.applications import api as applications
from core.applications import behalf_pages, form_pages
from core.applications import pages as application_pages
from core.audit import pages as audit_pages
from core.delegation import api as delegation
from core.delegation import pages as delegation_pages
from core.delegation import sample_pages
from core.documents import api as documents
from core.documents import attachment_api, attachment_pages
from core.documents import pages as document_pages
from core.identity import api as identity
from core.identity import contacts_api as contacts
from core.identity import pages as identity_pages
from core.identity import registration_api as registration
from core.identity import registration_pages, staff_pages
from core.identity import roles_api as roles
from core.identity import sign_in_api as sign_in
from core.messages import api as messages
from core.messages import outbox_pages
from core.messages import pages as message_pages
from core.organizations import api as organizations
from core.organizations import pages as organization_pages
from core.oversight import api as oversight
from core.oversight import board_pages
from core.oversight import case_pages as supervision_pages
from core.oversight import pages as oversight_pages
from core.oversight import story_api as story
from core.platform import Platform
from core.results import award_api as awards
from core.results import (
    award_pages,
    certificate_pages,
    evaluation_api,
    evaluation_pages,
    mark_pages,
    marks_api,
    public_pages,
    result_pages,
    unit_result_pages,
)
from core.reviews import api as reviews
from core.reviews import case_pages, export_pages, roster_pages, unit_pages
from core.reviews import onsite_api as onsite
from core.reviews import pages as desk_pages
from core.sanctions import api as sanctions
from core.sanctions import case_pages as sanction_pages
from core.sanctions import cases_api as sanction_cases
from core.scheduling import (
    accommodation_pages,
    candidate_pages,
    distance_pages,
    duty_pages,
    exam_api,
    exam_pages,
    finding_pages,
    invigilator_pages,
    plan_pages,
    site_pages,
    sitting_pages,
    training_api,
    training_pages,
    unit_training_pages,
)
from core.scheduling import plans_api as seating
from core.scheduling import site_api as sites_api
from core.seasons import api as seasons
from core.seasons import office_pages
from core.seasons import pages as season_pages
from core.tenancy import api as tenancy
from core.tenancy import operations_pages
from core.tenancy import pages as tenancy_pages
from core.web import health, pages, words
from core.web.assets import asset, serve_asset
from core.web.authentication import PLACE_HEADER, ROLE_HEADER, TokenAuthentication
from core.web.browser import BrowserAuthentication
from core.web.csrf import CsrfProtection, csrf_field, form_token
from core.web.dependencies import AS_PROVINCE, provide_session
from core.web.errors import EXCEPTION_HANDLERS, record_failure
from core.web.guards import AUDITORS, CENTER, allow
from core.web.idempotency import provide_replay
from core.web.limits import LARGEST_BODY, Limits
from core.web.metrics import Measured, make_registry
from core.web.reference import ReferencePage
from core.web.request_log import RequestLog
from core.web.security_headers import protect_answer
from core.web.sign_in import provide_own_account
from core.web.uploads import FormFiles

_WEB = Path(__file__).parent / "web"


def create_app(platform: Platform) -> Litestar:
    """The whole web application of an open platform."""
    return Routes().at_work(platform)


class Routes:
    """Every page and route. To make them takes the better part of a second, to put them to work nothing."""

    def __init__(self) -> None:
        self.application = Litestar(
            route_handlers=[
                _pages(),
                health.is_alive,
                health.is_ready,
                health.show_metrics,
                _api(),
                serve_asset,
            ],
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
            before_send=[protect_answer],
            middleware=[Limits(), FormFiles(), CsrfProtection()],
            logging_config=None,
        )
        self._handler = self.application.asgi_handler

    def at_work(self, platform: Platform) -> Litestar:
        """The application on an open platform; nothing is left of one that it worked on before."""
        registry = make_registry(platform)
        for name, value in (("platform", platform), ("metrics", registry), ("last_look", health.LastLook())):
            self.application.state[name] = value
        self.application.asgi_handler = _surrounded(self._handler, platform, registry)
        return self.application


def _provide_platform(request: Request[Any, Any, State]) -> Platform:
    platform: Platform = request.app.state.platform
    return platform


def _pages() -> Router:
    """What people look at: each capability's pages, for browsers that may or may not have signed in."""
    return Router(
        "/",
        route_handlers=[
            *pages.PAGES,
            *season_pages.PAGES,
            *application_pages.PAGES,
            *form_pages.PAGES,
            *document_pages.PAGES,
            *attachment_pages.PAGES,
            *desk_pages.PAGES,
            *case_pages.PAGES,
            *unit_pages.PAGES,
            *behalf_pages.PAGES,
            *roster_pages.PAGES,
            *organization_pages.PAGES,
            *message_pages.PAGES,
            *identity_pages.PAGES,
            *registration_pages.PAGES,
            *office_pages.PAGES,
            *plan_pages.PAGES,
            *accommodation_pages.PAGES,
            *delegation_pages.PAGES,
            *sample_pages.PAGES,
            *oversight_pages.PAGES,
            *board_pages.PAGES,
            *supervision_pages.PAGES,
            *export_pages.PAGES,
            *mark_pages.PAGES,
            *result_pages.PAGES,
            *unit_result_pages.PAGES,
            *evaluation_pages.PAGES,
            *tenancy_pages.PAGES,
            *operations_pages.PAGES,
            *outbox_pages.PAGES,
            *site_pages.PAGES,
            *distance_pages.PAGES,
            *finding_pages.PAGES,
            *invigilator_pages.PAGES,
            *duty_pages.PAGES,
            *sitting_pages.PAGES,
            *training_pages.PAGES,
            *unit_training_pages.PAGES,
            *exam_pages.PAGES,
            *candidate_pages.PAGES,
            *audit_pages.PAGES,
            *staff_pages.PAGES,
            *public_pages.PAGES,
            *award_pages.PAGES,
            *certificate_pages.PAGES,
            *sanction_pages.PAGES,
        ],
        dependencies={"own": Provide(provide_own_account)},
        middleware=[BrowserAuthentication],
        include_in_schema=False,
    )


def _surrounded(app: ASGIApp, platform: Platform, registry: CollectorRegistry) -> ASGIApp:
    """What stands around everything, the answers to unknown addresses and to faults included; the last is outermost."""
    proxies = platform.settings.trusted_proxies
    app = Measured(app, registry)
    if proxies:
        # Whom a proxy speaks for, and whether over TLS. A header from anybody else says nothing.
        app = cast(ASGIApp, ProxyHeadersMiddleware(cast(Any, app), trusted_hosts=[str(one) for one in proxies]))
    return RequestLog(app, trusted=proxies)


def _api() -> Router:
    return Router(
        "/api/v1",
        route_handlers=[
            tenancy.router,
            seasons.router,
            identity.router,
            contacts.router,
            roles.router,
            sign_in.router,
            registration.router,
            organizations.router,
            documents.router,
            attachment_api.router,
            applications.router,
            reviews.router,
            onsite.router,
            seating.router,
            delegation.router,
            awards.router,
            marks_api.router,
            evaluation_api.router,
            sites_api.router,
            training_api.router,
            exam_api.router,
            sanctions.router,
            sanction_cases.router,
            oversight.router,
            story.router,
            messages.router,
            messages.outbox_router,
            _supervision(),
        ],
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
    """The same cases as their offices see, as the center and its auditors see them."""
    return Router(
        "/supervision/applications",
        route_handlers=[*applications.SUPERVISED, *reviews.SUPERVISED, *story.SUPERVISED],
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
        render_plugins=[ReferencePage(), JsonRenderPlugin(), YamlRenderPlugin()],
        components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"token": []}],
    )


def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(_WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {"asset": asset, "csrf_field": csrf_field, "form_token": form_token}
    templates.filters |= {name: getattr(words, name) for name in ("day", "minute", "deadline", "span", "grades")}
    return templates
