"""Offices over JSON: which there are (also as of another day), and how an office's plugins fare."""

from datetime import datetime

from litestar import Router

from core.clock import SHANGHAI
from core.plugin_api import OfficeCode, OfficeLevel
from core.tenancy import queries
from core.web.dependencies import AnySession, ThePlatform
from core.web.guards import OFFICE_STAFF, OPERATORS
from core.web.routes import declared_in, read, read_publicly
from core.web.schemas import DayAsked, Output


class OfficeOut(Output):
    """An office and the area codes that it has on the day asked about."""

    id: str
    parent_id: str | None
    level: OfficeLevel
    name: str
    short_name: str
    area_codes: list[str]
    open: bool


class HookHealthOut(Output):
    """How one hook of one plugin has fared since the service started."""

    plugin: str
    hook: str
    calls: int
    failures: int
    slowest: float
    open: bool


class FailureOut(Output):
    """A plugin that failed; ``reason`` is for operators, in English."""

    plugin: str
    hook: str
    reason: str
    at: datetime


class HealthOut(Output):
    """Which plugins the office runs, who answers what in which order, and what went wrong."""

    office: str
    plugins: list[str]
    faults: list[str]
    answering: dict[str, list[str]]
    hooks: list[HookHealthOut]
    failures: list[FailureOut]


@read_publicly("/offices")
def list_offices(session: AnySession, platform: ThePlatform, as_of: DayAsked = None) -> list[OfficeOut]:
    """Every office. ``open`` is false while a fault in its files or plugins keeps it closed."""
    codes = queries.area_codes(session, as_of or session.now.astimezone(SHANGHAI).date())
    closed = platform.offices.registry.closed
    return [
        OfficeOut.of(
            office,
            area_codes=codes.get(office.id, []),
            open=platform.offices.catalogue.is_open(OfficeCode(office.id)) and office.id not in closed,
        )
        for office in queries.offices(session)
    ]


@read("/health", roles=OFFICE_STAFF | OPERATORS)
def show_health(session: AnySession, platform: ThePlatform) -> HealthOut:
    """The asker's office: its plugins, and their failures."""
    office = session.actor.office_id
    assert office is not None  # noqa: S101 - these roles are held in an office
    failures = [FailureOut.model_validate(failure) for failure in queries.plugin_failures(session, office)]
    faults = platform.offices.registry.closed.get(office)
    if faults is not None:
        said = [str(fault) for fault in faults]
        return HealthOut(office=office, plugins=[], faults=said, answering={}, hooks=[], failures=failures)
    hooks = platform.offices.hooks(office)
    return HealthOut(
        office=office,
        plugins=list(hooks.versions()),
        faults=[],
        answering={hook: list(names) for hook, names in hooks.who_answers().items()},
        hooks=[HookHealthOut.model_validate(hook) for hook in hooks.health()],
        failures=failures,
    )


router = Router("/", route_handlers=declared_in(__name__), tags=["机构"])
