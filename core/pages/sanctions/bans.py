"""The register of bans (不得申报): two officers of the center enter those of earlier years; the center lifts any."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody, QueryParameter

from core.applications.form_steps import Fields
from core.clock import SHANGHAI, start_of
from core.db.session import OfficeSession, ProvinceSession, ScopedSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.errors import Invalid
from core.identity.registration.service import refuse_invented
from core.identity.service import claim_person
from core.pages.offered_files import offered_file
from core.pages.table_export import Sheet, TableAsked, table_file
from core.platform import Platform
from core.sanctions import queries, register, service
from core.sanctions.models import Ban
from core.tenancy.queries import offices
from core.text import dates
from core.web.dependencies import OfProvince, OfSupervisor, ThePlatform
from core.web.guards import CENTER, SUPERVISORS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, form_with_file, page

MOST_YEARS = 10


@page("/bans", roles=SUPERVISORS, province=True)
def bans_page(
    request: AnyRequest,
    session: OfSupervisor,
    *,
    q: Annotated[str, QueryParameter(max_length=60)] = "",
    before: Annotated[UUID | None, QueryParameter()] = None,
) -> Response[str]:
    """The register: those of the office, or of the whole province for the center."""
    return _register(request, session, named=q.strip(), before=before)


@form("/bans/search", roles=SUPERVISORS, province=True)
def look_up_bans(request: AnyRequest, session: OfSupervisor, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Look a person up by the identity number in full, in the bans of every office; the reason is on the record."""
    with attempt(request, session) as tried:
        found = register.look_up(
            session, fields.text(data, "id_number"), ground=fields.text(data, "ground"), keys=platform.keys
        )
        return _register(request, session, found=found)
    return _register(request, session, tried=tried, given=data)


@table_file("/bans/export", roles=SUPERVISORS, province=True)
def export_bans(session: OfficeSession | ProvinceSession, table: TableAsked) -> Sheet:
    """The register as an Excel file."""
    named = table.texts("q")["q"]
    names = {office.id: office.name for office in offices(session)}
    columns = ("姓名", "身份证末四位", "起", "止", "依据", "登记机构", "状态", "解除日期")
    return Sheet("不得申报登记", columns, _export_rows(session, named, names), f"姓名含“{named}”" if named else "")


def _export_rows(
    session: OfficeSession | ProvinceSession, named: str, names: Mapping[str, str]
) -> Iterator[tuple[str, ...]]:
    following: UUID | None = None
    while True:
        rows, following = queries.register(session, named=named, before=following)
        for row in rows:
            ban = row.ban
            lifted = "" if ban.lifted_at is None else dates.day(ban.lifted_at.astimezone(SHANGHAI))
            begins, ends = (dates.day(moment.astimezone(SHANGHAI)) for moment in (ban.begins, ban.ends))
            ground, office = ban.instrument or "违规案件", names.get(ban.office_id, ban.office_id)
            yield row.name, row.tail, begins, ends, ground, office, standing(ban, session)[0], lifted
        if following is None:
            return


def _register(
    request: AnyRequest,
    session: OfficeSession | ProvinceSession,
    *,
    named: str = "",
    before: UUID | None = None,
    found: Sequence[register.KnownBan] | None = None,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    rows, following = queries.register(session, named=named, before=before)
    return render(
        request,
        session,
        "sanctions/bans.html",
        tried=tried,
        found=found,
        given=Fields(given or {}),
        grounds=[(ground.value, ground.label) for ground in register.GROUNDS],
        rows=[(row, *standing(row.ban, session)) for row in rows],
        names={office.id: office.name for office in offices(session)},
        named=named,
        following=following,
        before=before,
        enters=isinstance(session, ProvinceSession),
    )


@page("/bans/new", roles=CENTER, province=True)
def new_ban_page(request: AnyRequest, session: OfProvince, platform: ThePlatform) -> Response[str]:
    """Entering a decision of earlier years from its paper."""
    return _new(request, session, platform)


@form_with_file("/bans", roles=CENTER, province=True)
def enter_ban(
    request: AnyRequest, session: OfProvince, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """Enter it with its scan; a second officer confirms it."""
    with attempt(request, session) as tried, offered_file(data, "decision") as scan:
        number = fields.text(data, "id_number")
        refuse_invented(number, simulation=platform.settings.simulation)
        years = fields.number(data, "years", least=1)
        service.check_years(years, most=MOST_YEARS)
        person_id = claim_person(
            session, id_number=number, name=fields.text(data, "name"), phone=None, keys=platform.keys
        )
        ban = service.take_over_ban(
            session,
            person_id=person_id,
            reason=fields.text(data, "reason"),
            instrument=fields.text(data, "instrument"),
            begins=start_of(fields.day(data, "begins")),
            years=years,
        )
        attach(session, Subject.BAN, ban.id, scan, keeping=platform.keeping)
        return see(f"/bans/{ban.id}")
    return _new(request, session, platform, tried=tried, given=data)


@page("/bans/{ban_id:uuid}", roles=SUPERVISORS, province=True)
def ban_page(request: AnyRequest, session: OfSupervisor, ban_id: FromPath[UUID]) -> Response[str]:
    """One ban with its paper, and what may be done with it."""
    return _ban(request, session, ban_id)


@form("/bans/{ban_id:uuid}/{act:str}", roles=CENTER, province=True)
def decide_ban(
    request: AnyRequest, session: OfProvince, *, ban_id: FromPath[UUID], act: FromPath[str], data: Sent
) -> Response[Any]:
    """Confirm or refuse what a colleague has entered, or lift a ban."""
    with attempt(request, session) as tried:
        if act == "confirm":
            if fields.text(data, "compared") != "true":
                raise Invalid("not_compared", "请先与原处理决定逐项核对，再勾选确认。", at="compared")
            service.confirm_ban(session, ban_id)
        elif act == "refuse":
            service.refuse_ban(session, ban_id, reason=fields.text(data, "reason"))
        else:
            service.lift_ban(session, ban_id, reason=fields.text(data, "reason"))
        return see(f"/bans/{ban_id}")
    return _ban(request, session, ban_id, tried=tried, given=data)


def standing(ban: Ban, session: ScopedSession) -> tuple[str, str]:
    """How a ban stands now, in words and tone."""
    if not ban.holds_from_the_start:
        return ("未予补录", "plain") if ban.lifted_at else ("待第二人核对", "waits")
    if ban.lifted_at is not None:
        return "已解除", "plain"
    return ("已期满", "plain") if ban.ends <= session.now else ("有效", "stopped")


def _new(
    request: AnyRequest,
    session: ProvinceSession,
    platform: Platform,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    config = platform.offices.config(session.office_id)
    return render(
        request,
        session,
        "sanctions/ban_new.html",
        tried=tried,
        given=Fields(given or {}),
        usual=config.eligibility.ban_years,
        limits=limits_of(config),
    )


def _ban(
    request: AnyRequest,
    session: OfficeSession | ProvinceSession,
    ban_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    found = queries.registered(session, ban_id)
    ban = found.ban
    decides = isinstance(session, ProvinceSession)
    return render(
        request,
        session,
        "sanctions/ban.html",
        tried=tried,
        found=found,
        ban=ban,
        state=standing(ban, session),
        office=next((office.name for office in offices(session) if office.id == ban.office_id), ban.office_id),
        scans=[line for line in files_of(session, Subject.BAN, [ban.id])[ban.id] if not line.superseded],
        waits=decides and not ban.holds_from_the_start and ban.lifted_at is None,
        own=ban.decided_by == session.actor.account_id,
        liftable=decides and ban.holds_from_the_start and ban.lifted_at is None and ban.ends > session.now,
        adds=decides and ban.case_id is None,
        given=Fields(given or {}),
    )
