"""Pages of delegation: the list, a new delegation, and its end with a choice for every open case."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody

from core.applications import trades
from core.applications.form_steps import Fields
from core.clock import SHANGHAI, end_of, start_of
from core.db.session import OfficeSession, Permission, ScopedSession
from core.delegation import queries, service, supervision
from core.delegation.models import Delegation
from core.delegation.scope import DELEGABLE, Scope
from core.delegation.service import CaseChoice, Terms
from core.documents.attachment_queries import files_of, open_kinds, standing_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.domain.workflow import STATE_LABELS, State
from core.errors import Invalid, NotFound
from core.organizations.directory import units_called
from core.oversight.decisions import by_officer
from core.pages.offered_files import offered_if_chosen
from core.pages.table_export import Deadline, Sheet, TableAsked, table_file, trade_texts
from core.platform import Platform
from core.plugin_api import DelegationMode, Grade, ReviewStage
from core.seasons.queries import latest_season
from core.seasons.trade_lists import trades_in_force
from core.tenancy.queries import offices
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import OFFICERS, SUPERVISORS
from core.web.page.form_dates import day_of
from core.web.page.rendering import AnyRequest, Sent, attempt, render, see
from core.web.routes import form, form_with_file, page

MODE_LABELS = {DelegationMode.HANDED_OVER: "下放", DelegationMode.ENTRUSTED: "委托"}
MODES = [
    (DelegationMode.HANDED_OVER.value, "下放", "由接收机构以自己的名义办理并承担责任。"),
    (DelegationMode.ENTRUSTED.value, "委托", "由接收机构代为办理，本机构监督并承担责任。"),
]
STAGE_LABELS = {ReviewStage.QUALIFICATION_REVIEW: "网上资格审查", ReviewStage.ONSITE_CONFIRMATION: "现场审查确认"}
STATES = {
    "pending": ("待生效", "waits"),
    "in_force": ("生效", "done"),
    "paused": ("已暂停", "waits"),
    "ended": ("已终止", "plain"),
    "cancelled": ("已取消", "plain"),
}
ENDINGS = {"taken_back": "收回", "given_back": "交回", "expired": "期满"}
CHOICES = [
    (CaseChoice.MOVE.value, "立即移交", "在办案件马上改由另一机构办理，从目前的环节继续。"),
    (CaseChoice.FINISH_FIRST.value, "办完本环节再移交", "目前的环节仍由原机构办完，随后移交。"),
    (CaseChoice.STAY.value, "留在原处办结", "在办案件由原机构一直办到出结论。"),
]
_MOST_LISTED = 300


@page("/delegations", roles=OFFICERS)
def delegations_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The delegations that the office has given and received."""
    found = queries.delegations(session, office_id=session.office_id)
    return render(
        request,
        session,
        "delegation/delegations.html",
        given=[delegation for delegation in found if delegation.from_office_id == session.office_id],
        received=[delegation for delegation in found if delegation.to_office_id == session.office_id],
        samples=supervision.open_samples(session) if _may_supervise(session) else [],
        may_propose=_may_supervise(session) and bool(_receivers(session)),
        **_words(session),
    )


@table_file("/delegations/export", roles=OFFICERS)
def export_delegations(session: OfficeSession, _table: TableAsked) -> Sheet:
    """The office's delegations as an Excel file."""
    words = _words(session)
    rows = [
        (
            words["names"][delegation.from_office_id],
            words["names"][delegation.to_office_id],
            MODE_LABELS[DelegationMode(delegation.mode)],
            STATES[delegation.state][0],
            delegation.instrument,
            words["scope_words"](delegation),
            delegation.effective_from,
            Deadline(delegation.effective_until),
            Deadline(delegation.ended_at),
            delegation.ending_reason,
        )
        for delegation in queries.delegations(session, office_id=session.office_id)
    ]
    columns = ("委托机构", "接收机构", "方式", "状态", "文件", "范围", "生效", "期限", "终止", "终止理由")
    return Sheet("委托与下放", columns, rows)


@page("/delegations/new", roles=SUPERVISORS)
def new_page(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[str]:
    """The form of a new delegation: receiver, instrument, mode, scope and dates."""
    return _new(request, session, platform, {})


@form_with_file("/delegations", roles=SUPERVISORS)
def propose(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """Propose a delegation; it takes effect at its moment. The scan of the instrument may follow later."""
    with attempt(request, session) as tried, offered_if_chosen(data, "instrument") as scan:
        made = service.propose(session, str(data.get("to_office_id") or ""), _terms(session, platform, data))
        if scan is not None:
            attach(session, Subject.DELEGATION, made.id, scan, keeping=platform.keeping)
        return see(f"/delegations/{made.id}")
    return _new(request, session, platform, data, tried=tried)


@page("/delegations/{delegation_id:uuid}", roles=OFFICERS)
def delegation_page(request: AnyRequest, session: OfOffice, delegation_id: FromPath[UUID]) -> Response[str]:
    """One delegation: its terms, the receiver's open cases, and the possible acts."""
    return _show(request, session, delegation_id)


@form("/delegations/{delegation_id:uuid}/take-back", roles=SUPERVISORS)
def take_back(request: AnyRequest, session: OfOffice, delegation_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """End a delegation now, as the delegating office, with a choice for every open case."""
    with attempt(request, session) as tried:
        service.take_back(session, delegation_id, **_ending(data))
        return see(f"/delegations/{delegation_id}")
    return _show(request, session, delegation_id, tried=tried, given=data)


@form("/delegations/{delegation_id:uuid}/give-back", roles=OFFICERS)
def give_back(request: AnyRequest, session: OfOffice, delegation_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Give a delegation back, as the receiver, with a choice for every open case."""
    with attempt(request, session) as tried:
        service.give_back(session, delegation_id, **_ending(data))
        return see(f"/delegations/{delegation_id}")
    return _show(request, session, delegation_id, tried=tried, given=data)


@form("/delegations/{delegation_id:uuid}/state/{act:str}", roles=SUPERVISORS)
def change_state(
    request: AnyRequest, session: OfOffice, *, delegation_id: FromPath[UUID], act: FromPath[str], data: Sent
) -> Response[Any]:
    """Pause or resume a delegation, or cancel a pending one."""
    changes = {"pause": service.pause, "resume": service.resume, "cancel": service.cancel}
    if act not in changes:
        raise NotFound("no_such_action", "没有这个操作，请使用页面上的按钮。")
    with attempt(request, session) as tried:
        changes[act](session, delegation_id, reason=str(data.get("reason") or ""))
        return see(f"/delegations/{delegation_id}")
    return _show(request, session, delegation_id, tried=tried, given=data)


def scope_words(delegation: Delegation, names: Mapping[str, str]) -> str:
    """The scope of a delegation as text, with the names of trades by their codes."""
    scope = queries.scope_of(delegation)
    said = ["、".join(STAGE_LABELS[stage] for stage in ReviewStage if stage in scope.stages)]
    if scope.grades is not None:
        said.append("、".join(grade.label for grade in sorted(scope.grades, reverse=True)))
    if scope.trades is not None:
        said.append(f"工种{'、'.join(names.get(trade, trade) for trade in sorted(scope.trades))}")
    if scope.units is not None:
        said.append(f"{len(scope.units)}个单位")
    return "；".join(said)


def _show(
    request: AnyRequest, session: OfficeSession, delegation_id: UUID, *, tried: Any = None, given: Any = None
) -> Response[str]:
    delegation = queries.delegation(session, delegation_id)
    gives, receives = delegation.from_office_id == session.office_id, delegation.to_office_id == session.office_id
    if not gives and not receives:
        raise NotFound("no_such_delegation", "没有找到这项委托或下放。请核对编号。")
    running = delegation.state in {"in_force", "paused"}
    cases = list(session.scalars(queries.received_cases(delegation).limit(_MOST_LISTED + 1))) if running else []
    return render(
        request,
        session,
        "delegation/delegation.html",
        tried=tried,
        delegation=delegation,
        gives=gives,
        may_end=running and (receives or _may_supervise(session)),
        may_supervise=gives and _may_supervise(session),
        cases=cases[:_MOST_LISTED],
        more=len(cases) > _MOST_LISTED,
        choices=CHOICES,
        ending_way="take-back" if gives else "give-back",
        ending_words="收回" if gives else "交回",
        endings=ENDINGS,
        state_labels={state.value: label for state, label in STATE_LABELS.items()},
        given=Fields(given or {}),
        officers=by_officer(session, delegation=delegation.id),
        samples=supervision.samples_of(session, delegation.id) if gives else [],
        files=files_of(session, Subject.DELEGATION, [delegation.id])[delegation.id],
        may_attach=bool(open_kinds(session, standing_of(session, Subject.DELEGATION, delegation.id))),
        **_words(session),
    )


def _new(
    request: AnyRequest, session: OfficeSession, platform: Platform, data: dict[str, Any], *, tried: Any = None
) -> Response[str]:
    return render(
        request,
        session,
        "delegation/new.html",
        tried=tried,
        receivers=_receivers(session),
        modes=MODES,
        stages=[(stage.value, STAGE_LABELS[stage]) for stage in ReviewStage if stage in DELEGABLE],
        grades=[(str(int(grade)), grade.label) for grade in sorted(Grade, reverse=True)],
        choices=CHOICES,
        given=Fields(data),
        limits=limits_of(platform.offices.config(session.office_id)),
        ticked={name: set(_listed(data, name)) for name in ("stages", "grades")},
    )


def _trades(session: OfficeSession, platform: Platform, data: dict[str, Any]) -> frozenset[str] | None:
    """The trades of the scope by their codes, one a line, each written as in the form of an application."""
    written = [line.strip() for line in str(data.get("trades") or "").splitlines() if line.strip()]
    season = latest_season(session)
    if not written or season is None:
        return None
    known = trades_in_force(session, platform.offices.catalogue, season.year)
    return frozenset(trades.code_of(line, known, field="trades") for line in written)


def _terms(session: OfficeSession, platform: Platform, data: dict[str, Any]) -> Terms:
    begins, ends = day_of(data, "effective_from"), day_of(data, "effective_until")
    if begins is None:
        raise Invalid("effective_missing", "请填写生效日期。", at="effective_from")
    try:
        scope = Scope(
            frozenset(ReviewStage(stage) for stage in _listed(data, "stages")),
            frozenset(Grade(int(grade)) for grade in _listed(data, "grades")) or None,
            _trades(session, platform, data),
            _units(session, data),
        )
        mode, choice = DelegationMode(str(data.get("mode"))), CaseChoice(str(data.get("open_cases")))
    except ValueError:
        raise Invalid("terms_unknown", "所选内容无法识别，请刷新页面后重新选择。") from None
    # Today means now: a delegation cannot begin in the past.
    effective = (
        max(start_of(begins), session.now) if begins == session.now.astimezone(SHANGHAI).date() else start_of(begins)
    )
    return Terms(
        str(data.get("instrument") or ""), mode, scope, effective, None if ends is None else end_of(ends), choice
    )


def _units(session: OfficeSession, data: dict[str, Any]) -> frozenset[UUID] | None:
    """The units named in the form, one a line; None, for all units, where there are none."""
    called = {line.strip() for line in str(data.get("units") or "").splitlines() if line.strip()}
    known = units_called(session, called, office_id=session.office_id)
    if missing := sorted(called - known.keys()):
        message = f"没有找到名称完全相同的单位：{'、'.join(missing)}。请照单位名录中的全称填写，每行一个。"
        raise Invalid("unit_unknown", message, at="units")
    return frozenset(known.values()) or None


def _ending(data: dict[str, Any]) -> dict[str, Any]:
    """The choice for open cases, the exceptions, and the reason."""
    try:
        exceptions = {
            UUID(name.removeprefix("case-")): CaseChoice(str(chosen))
            for name, chosen in data.items()
            if name.startswith("case-") and chosen
        }
        cases = CaseChoice(str(data.get("cases")))
    except ValueError:
        raise Invalid("choice_missing", "请选择在办案件怎么办。", at="cases") from None
    return {"cases": cases, "exceptions": exceptions, "reason": str(data.get("reason") or "")}


def _receivers(session: OfficeSession) -> list[tuple[str, str]]:
    return [(office.id, office.name) for office in offices(session) if office.parent_id == session.office_id]


def _may_supervise(session: OfficeSession) -> bool:
    return Permission.SUPERVISE in session.actor.may_change


def _listed(data: dict[str, Any], name: str) -> list[str]:
    given = data.get(name) or []
    return [str(value) for value in (given if isinstance(given, list) else [given])]


def names_of_trades(session: ScopedSession) -> Mapping[str, str]:
    """The names of trades in the latest season."""
    season = latest_season(session)
    return {} if season is None else trade_texts(session, season.year)


def _words(session: OfficeSession) -> dict[str, Any]:
    trades = names_of_trades(session)
    return {
        "names": {office.id: office.name for office in offices(session)},
        "modes": {mode.value: label for mode, label in MODE_LABELS.items()},
        "states": STATES,
        "scope_words": lambda delegation: scope_words(delegation, trades),
        "state_of": lambda state: STATE_LABELS[State(state)],
    }
