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

from core.api.applications import applications
from core.api.delegation import delegations as delegation
from core.api.documents import attachments
from core.api.documents import papers as documents
from core.api.identity import accounts as identity
from core.api.identity import contacts, registration, roles, sign_in
from core.api.messages import messages
from core.api.organizations import units as organizations
from core.api.oversight import case_history as story
from core.api.oversight import filings as oversight
from core.api.results import awards, evaluation
from core.api.results import marks as marks_api
from core.api.reviews import onsite, reviews
from core.api.sanctions import bans as sanctions
from core.api.sanctions import cases as sanction_cases
from core.api.scheduling import exam_day, training
from core.api.scheduling import plans as seating
from core.api.scheduling import sites as sites_api
from core.api.seasons import seasons
from core.api.tenancy import offices as tenancy
from core.organizations.queries import units_below
from core.pages.applications import form, on_behalf
from core.pages.applications import own_application as application_pages
from core.pages.audit import record as audit_pages
from core.pages.delegation import delegations as delegation_pages
from core.pages.delegation import spot_checks
from core.pages.documents import attachments as attachment_pages
from core.pages.documents import papers as document_pages
from core.pages.header import header
from core.pages.identity import account as identity_pages
from core.pages.identity import registration as registration_pages
from core.pages.identity import staff
from core.pages.messages import notices as message_pages
from core.pages.messages import outbox
from core.pages.organizations import units as organization_pages
from core.pages.oversight import board
from core.pages.oversight import season_work as oversight_pages
from core.pages.oversight import supervised_cases as supervision_pages
from core.pages.public import front
from core.pages.results import awards as award_pages
from core.pages.results import certificates, marks, own_results, public_lists, unit_results
from core.pages.results import evaluation as evaluation_pages
from core.pages.reviews import case, desk_export, rosters, unit_desk
from core.pages.reviews import desk as desk_pages
from core.pages.sanctions import cases as sanction_pages
from core.pages.scheduling import (
    accommodations,
    candidate_search,
    distances,
    duty_roster,
    invigilators,
    own_exam,
    plans,
    sites,
    sittings,
    unit_training,
)
from core.pages.scheduling import exam_day as exam_pages
from core.pages.scheduling import training as training_pages
from core.pages.seasons import office_calendar
from core.pages.seasons import public_calendars as season_pages
from core.pages.tenancy import offices as tenancy_pages
from core.pages.tenancy import operations
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
from core.web.page.uploads import FormFiles
from core.web.ports import Ports
from core.web.reference import ReferencePage
from core.web.request_log import RequestLog
from core.web.security_headers import protect_answer

_CORE = Path(__file__).parent
PORTS = Ports(header=header, units_below=units_below)
"""What the kit of the web asks of the capabilities."""


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
    """What people look at: each capability's pages, for browsers that may or may not have signed in."""
    return Router(
        "/",
        route_handlers=[
            *front.PAGES,
            *season_pages.PAGES,
            *application_pages.PAGES,
            *form.PAGES,
            *document_pages.PAGES,
            *attachment_pages.PAGES,
            *desk_pages.PAGES,
            *case.PAGES,
            *unit_desk.PAGES,
            *on_behalf.PAGES,
            *rosters.PAGES,
            *organization_pages.PAGES,
            *message_pages.PAGES,
            *identity_pages.PAGES,
            *registration_pages.PAGES,
            *office_calendar.PAGES,
            *plans.PAGES,
            *accommodations.PAGES,
            *delegation_pages.PAGES,
            *spot_checks.PAGES,
            *oversight_pages.PAGES,
            *board.PAGES,
            *supervision_pages.PAGES,
            *desk_export.PAGES,
            *marks.PAGES,
            *own_results.PAGES,
            *unit_results.PAGES,
            *evaluation_pages.PAGES,
            *tenancy_pages.PAGES,
            *operations.PAGES,
            *outbox.PAGES,
            *sites.PAGES,
            *distances.PAGES,
            *candidate_search.PAGES,
            *invigilators.PAGES,
            *duty_roster.PAGES,
            *sittings.PAGES,
            *training_pages.PAGES,
            *unit_training.PAGES,
            *exam_pages.PAGES,
            *own_exam.PAGES,
            *audit_pages.PAGES,
            *staff.PAGES,
            *public_lists.PAGES,
            *award_pages.PAGES,
            *certificates.PAGES,
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
            attachments.router,
            applications.router,
            reviews.router,
            onsite.router,
            seating.router,
            delegation.router,
            awards.router,
            marks_api.router,
            evaluation.router,
            sites_api.router,
            training.router,
            exam_day.router,
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
        loader=FileSystemLoader([_CORE / "pages", _CORE / "web" / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {"asset": asset, "csrf_field": csrf_field, "form_token": form_token}
    templates.filters |= {name: getattr(filters, name) for name in ("day", "minute", "deadline", "span", "grades")}
    return templates
