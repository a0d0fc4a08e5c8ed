"""Cases for supervisors and auditors: the list, the acts of supervision, and the whole story of each."""

from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.api.applications.schemas import case_of
from core.applications import queries
from core.applications.consequences import is_suspended
from core.applications.identity.queries import former_names
from core.applications.identity.steps import Kind
from core.applications.models import Application
from core.applications.progress import TONES
from core.applications.queries import Filter
from core.audit.dependents import rehearse
from core.db.session import AuditorSession, CaseSession, OfficeSession, ProvinceSession
from core.documents.queries import current_documents
from core.domain.workflow import ADMITTED, STATE_LABELS, Action, State
from core.errors import Invalid, KaowuError
from core.oversight.case_history import tell_story
from core.pages.reviews.case import shown_items
from core.pages.season import season_asked
from core.pages.table_export import Sheet, TableAsked, case_cells, table_file, trade_texts
from core.platform import Platform
from core.plugin_api import Grade, OfficeLevel
from core.reviews import service
from core.sanctions.carrying_out import may_be_annulled
from core.sanctions.suspensions import may_suspend
from core.tenancy.queries import offices
from core.text import dates
from core.text.form_texts import whole_number
from core.web.dependencies import OfReader, OfSupervisor, ThePlatform
from core.web.guards import AUDITORS, OFFICE_STAFF, SUPERVISORS
from core.web.page.rendering import AnyRequest, Sent, attempt, render, see
from core.web.routes import form, page

READERS = SUPERVISORS | AUDITORS
_MARKS = {"blocks": ("不符合", "stopped"), "asks": ("需核实", "waits"), "notes": ("通过", "done")}
_STATES = tuple(state for state in State if state is not State.DRAFT)


@page("/supervision/cases", roles=READERS, province=True)
def cases_page(
    request: AnyRequest,
    session: OfReader,
    *,
    standing: Annotated[str, QueryParameter(name="state", max_length=40)] = "",
    office: Annotated[str, QueryParameter(max_length=100)] = "",
    text: Annotated[str, QueryParameter(name="q", max_length=60)] = "",
    after: Annotated[UUID | None, QueryParameter()] = None,
) -> Response[str]:
    """The cases in the reader's sight, page by page; the filters stand in the address."""
    held = {"state": standing, "office": office, "q": text.strip()}
    found = queries.queue(session, season_asked(request, session).year, _filter(held), after=after)
    known_offices = offices(session)
    return render(
        request,
        session,
        "oversight/cases.html",
        rows=found.rows,
        held=held,
        states=[(state.value, STATE_LABELS[state]) for state in _STATES],
        offices=[(known.id, known.name) for known in known_offices if known.level != OfficeLevel.COUNTY],
        names={known.id: known.name for known in known_offices},
        labels=STATE_LABELS,
        tones=TONES,
        grades={int(grade): grade.label for grade in Grade},
        next_address=None if found.next_after is None else _address(held, after=str(found.next_after)),
        first_address=_address(held) if after else None,
        export_address=_address(held).replace("/cases?", "/cases/export?"),
    )


@table_file("/supervision/cases/export", roles=READERS, province=True)
def export_cases(session: CaseSession | AuditorSession, table: TableAsked) -> Sheet:
    """The cases in the reader's sight, filtered as on the page; of the identity number only the last four signs."""
    held, year = table.texts("state", "office", "q"), table.season(session).year
    trades = trade_texts(session, year)
    names = {known.id: known.name for known in offices(session)}
    columns = ("姓名", "身份证末四位", "状态", "期限", "等级", "工种", "单位", "受理机构", "办理机构", "编号")
    cells = (
        {**case_cells(row, trades), "受理机构": names.get(row.office_id), "办理机构": names.get(row.handler_office_id)}
        for row in queries.whole_queue(session, year, _filter(held))
    )
    rows = ([case[column] for column in columns] for case in cells)
    labels = {"state": "状态", "office": "受理机构", "q": "查找"}
    chosen = _filter(held)
    words = {
        **held,
        "state": "" if chosen.state is None else STATE_LABELS[chosen.state],
        "office": names.get(held["office"], held["office"]),
    }
    filters = [f"{labels[name]}：{value}" for name, value in words.items() if value]
    return Sheet("案件监管", columns, rows, "；".join(filters))


@page("/supervision/cases/{application_id:uuid}", roles=READERS, province=True)
def case_page(
    request: AnyRequest, session: OfReader, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[str]:
    """One case: the form, the findings of the rules, and the acts of supervision."""
    return _case(request, session, platform, application_id)


@form("/supervision/cases/{application_id:uuid}/reopen", roles=SUPERVISORS, province=True)
def reopen(
    request: AnyRequest, session: OfSupervisor, platform: ThePlatform, *, application_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Have a decided case reviewed again."""
    reason = str(data.get("reason") or "")
    with attempt(request, session) as tried:
        service.reopen(session, application_id, offices=platform.offices, reason=reason, version=_version(data))
        return see(f"/supervision/cases/{application_id}")
    return _case(request, session, platform, application_id, tried=tried, reason=reason)


@page("/cases/{application_id:uuid}/story", roles=OFFICE_STAFF | AUDITORS, province=True)
def story_page(
    request: AnyRequest, session: OfReader, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[str]:
    """Everything that happened to a case, oldest first, each line with its place in the record."""
    case = queries.application(session, application_id)
    return render(
        request,
        session,
        "oversight/case_history.html",
        of_year=case.year,
        case=case,
        label=STATE_LABELS[State(case.state)],
        tone=TONES[State(case.state)],
        lines=tell_story(session, application_id),
        former=[
            ("曾用名" if name.kind is Kind.CHANGED else "更正前姓名", f"{name.name}（至{dates.day(name.until)}）")
            for name in former_names(session, case, platform.keys)
            if name.name
        ],
        rules=queries.submission(session, application_id, case.round) if case.round else None,
    )


def _case(  # noqa: PLR0917 - what the page shows
    request: AnyRequest,
    session: OfReader,
    platform: Platform,
    application_id: UUID,
    tried: Any = None,
    reason: str = "",
) -> Response[str]:
    case = queries.application(session, application_id)
    names = {office.id: office.name for office in offices(session)}
    rules = platform.rules.get(case.year)
    allowed = {action.action for action in case_of(session, case).allowed_actions}
    return render(
        request,
        session,
        "oversight/case.html",
        of_year=case.year,
        tried=tried,
        case=case,
        label=STATE_LABELS[State(case.state)],
        tone=TONES[State(case.state)],
        office=names[case.office_id],
        handler=names[case.handler_office_id],
        items=shown_items(session, case, platform, {}),
        findings=queries.findings(session, application_id, case.round),
        settlements=queries.settlements(session, application_id),
        marks=_MARKS,
        documents=current_documents(session, application_id),
        materials={} if rules is None else {material.code: material.name for material in rules.materials},
        may_reopen=Action.REOPEN in allowed,
        foreseen=_foreseen(session, platform, case) if Action.REOPEN in allowed else "",
        may_suspend=State(case.state) in ADMITTED and may_suspend(session, case) and not is_suspended(session, case.id),
        may_annul=isinstance(session, OfficeSession | ProvinceSession) and may_be_annulled(session, case),
        may_sanction=isinstance(session, OfficeSession | ProvinceSession) and case.round > 0,
        reason=reason,
        route=_route(case, names),
    )


def _foreseen(session: OfReader, platform: Platform, case: Application) -> str:
    """The consequences of reopening the case, or why it is refused; empty for those who only read."""
    if not isinstance(session, OfficeSession | ProvinceSession):
        return ""
    act = partial(service.reopen, session, case.id, offices=platform.offices, reason="预演", version=case.version)
    try:
        return rehearse(session, act).sentence
    except KaowuError as refused:
        return refused.detail.rstrip("。")


def _route(case: Any, names: dict[str, str]) -> list[tuple[str, str]]:
    """The reason for these stages and desks: they were pinned when the case was submitted."""
    stages = "、".join(STATE_LABELS[State(stage)].removeprefix("待") for stage in case.route)
    desks = "；".join(
        f"{STATE_LABELS[State(stage)].removeprefix('待')}由{names[desk]}" for stage, desk in case.desks.items()
    )
    return [
        ("审核环节", stages or "尚未提交"),
        ("办理机构", desks or names[case.office_id]),
        ("何时确定", "提交时按当时的配置、委托和规则程序确定，此后不再改变"),
    ]


def _filter(held: dict[str, str]) -> Filter:
    try:
        state = State(held["state"]) if held["state"] else None
    except ValueError:
        raise Invalid("filter_unknown", "没有这个状态，请从页面上的筛选中选择。") from None
    return Filter(state=state, office_id=held["office"] or None, text=held["q"])


def _address(held: dict[str, str], **changed: str) -> str:
    return "/supervision/cases?" + urlencode({name: value for name, value in (held | changed).items() if value})


def _version(data: dict[str, Any]) -> int | None:
    return whole_number(data.get("version"))
