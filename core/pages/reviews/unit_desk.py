"""The unit's desk: its people and their progress, and the review of a case beside its papers."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.applications import form_steps, queries, service as applications
from core.applications.models import Application
from core.applications.moves import capacities
from core.applications.progress import TONES
from core.clock import end_of
from core.db.session import UnitSession
from core.documents.service import materials_of
from core.domain.workflow import ACTION_LABELS, STATE_LABELS, Action, State, allowed_actions
from core.errors import Invalid, NotFound
from core.organizations import directory
from core.organizations.models import Unit
from core.pages.reviews.case import item_verdicts, seen_version, what_is_read
from core.pages.reviews.desk import ticked_cases, to_confirm
from core.pages.reviews.undoing import after as decided_of, done_before, done_in_bulk, take_back
from core.pages.season import season_asked
from core.platform import Platform
from core.plugin_api import Grade, ReviewStage, WindowKind
from core.reviews import service, unit_people
from core.reviews.bulk import Decided, decide_each, sort_out
from core.reviews.unit_people import Asked
from core.seasons.queries import closing_of, exam_begins
from core.seasons.trade_lists import trades_in_force
from core.web.dependencies import OfUnit, ThePlatform
from core.web.guards import UNITS
from core.web.page.rendering import AnyRequest, Sent, attempt, render, see
from core.web.routes import form, page

_SHOWN = tuple(state for state in State if state not in {State.WITHDRAWN, State.EXPIRED})
_ENDED = (State.WITHDRAWN, State.EXPIRED)
_DECIDED = (Action.APPROVE, Action.RETURN, Action.REJECT)
_TURNS = {
    State.DRAFT: "申报人填写、提交",
    State.RETURNED: "申报人修改",
    State.UNIT_REVIEW: "单位审核",
    State.DEPARTMENT_REVIEW: "主管部门审核",
    State.ONSITE_CONFIRMATION: "单位集中报送材料",
    State.PROVISIONAL: "申报人补交材料",
}


@page("/unit", roles=UNITS)
def people_page(
    request: AnyRequest,
    session: OfUnit,
    platform: ThePlatform,
    *,
    standing: Annotated[str, QueryParameter(name="state", max_length=40)] = "",
    text: Annotated[str, QueryParameter(name="q", max_length=60)] = "",
    unit: Annotated[str, QueryParameter(max_length=40)] = "",
    after: Annotated[str, QueryParameter(max_length=200)] = "",
) -> Response[str]:
    """The unit's people with their progress, and the next case that waits for the actor."""
    asked = asked_for({"state": standing, "q": text, "unit": unit})
    context = _people(request, session, platform, asked, after=after or None)
    return render(
        request, session, "reviews/people.html", **{**context, "done": done_before(session, request.query_params)}
    )


@form("/unit/approve", roles=UNITS)
def approve_many(request: AnyRequest, session: OfUnit, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Show who would be agreed to and who is left out and why; once confirmed, agree. A refused case stays ticked."""
    decided: list[Decided] = []
    asked = asked_for(data)
    with attempt(request, session) as tried:
        cases = ticked_cases(data)
        if not data.get("confirmed"):
            found = sort_out(session, cases, Action.APPROVE)
            return render(
                request,
                session,
                "reviews/bulk.html",
                **to_confirm(
                    found,
                    "同意报考",
                    "我的人员",
                    at="/unit/approve",
                    back=_address(asked),
                    filters=_filters(asked),
                    address=lambda case_id: _case_address(case_id, asked),
                ),
            )
        decided = decide_each(
            session,
            cases,
            Action.APPROVE,
            lambda case_id, version: service.approve(
                session, case_id, offices=platform.offices, version=version, bulk=True
            ),
        )
    context = _people(request, session, platform, asked, after=None)
    ticked = {case.application_id for case in decided if case.refusal is not None}
    more = {"decided": decided, "ticked": ticked, "done": done_in_bulk(session, decided)}
    return render(request, session, "reviews/people.html", tried=tried, **{**context, **more})


@form("/unit/undo", roles=UNITS)
def undo_decisions(request: AnyRequest, session: OfUnit, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Take back what was just decided: one decision, or many at once."""
    asked = asked_for(data)
    taken_back: list[Decided] = []
    with attempt(request, session) as tried:
        taken_back = take_back(session, platform, data)
    context = _people(request, session, platform, asked, after=None)
    return render(request, session, "reviews/people.html", tried=tried, **{**context, "taken_back": taken_back})


@page("/unit/cases/{application_id:uuid}", roles=UNITS)
def case_page(
    request: AnyRequest, session: OfUnit, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[str]:
    """One application: the answers beside the papers, and the decision."""
    return render(request, session, "reviews/unit_case.html", **_case(request, session, platform, application_id))


@form("/unit/cases/{application_id:uuid}/{action:str}", roles=UNITS)
def decide(
    request: AnyRequest,
    session: OfUnit,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    action: FromPath[str],
    data: Sent,
) -> Response[Any]:
    """Decide and continue with the next case that waits; or commit to a deferred paper, and stay."""
    asked = asked_for(request.query_params)
    with attempt(request, session) as tried:
        _act(session, platform, application_id, action=action, data=data)
    if tried.refusal is not None:
        context = _case(request, session, platform, application_id)
        return render(
            request, session, "reviews/unit_case.html", tried=tried, **{**context, "given": form_steps.Fields(data)}
        )
    if action == "defer":
        return see(_case_address(application_id, asked))
    following = unit_people.next_case(session, season_asked(request, session).year, beside=application_id, asked=asked)
    onward = _address(asked) if following is None else _case_address(following, asked)
    return see(decided_of(onward, session, queries.application(session, application_id)))


def asked_for(sent: Any) -> Asked:
    """The filters in an address or in a form's hidden fields; Invalid for unknown values."""
    try:
        waiting = sent.get("state") == "waiting"
        state = State(str(sent["state"])) if sent.get("state") and not waiting else None
        unit_id = UUID(str(sent["unit"])) if sent.get("unit") else None
    except ValueError:
        raise Invalid("filter_unknown", "没有这个筛选条件，请从页面上的筛选中选择。") from None
    return Asked(state, str(sent.get("q") or ""), unit_id, waiting)


def _filters(asked: Asked, **changed: str) -> dict[str, str]:
    held = {
        "state": "waiting" if asked.waiting else (asked.state.value if asked.state else ""),
        "q": asked.text,
        "unit": str(asked.unit_id or ""),
    }
    return {name: value for name, value in (held | changed).items() if value}


def _address(asked: Asked, **changed: str) -> str:
    filters = _filters(asked, **changed)
    return f"/unit?{urlencode(filters)}" if filters else "/unit"


def _case_address(application_id: UUID, asked: Asked) -> str:
    filters = _filters(asked)
    return f"/unit/cases/{application_id}" + (f"?{urlencode(filters)}" if filters else "")


def _people(
    request: AnyRequest, session: UnitSession, platform: Platform, asked: Asked, *, after: str | None
) -> dict[str, Any]:
    year = season_asked(request, session).year
    found, known = unit_people.people(session, year, asked, after=after), unit_people.counts(session, year)
    waiting = unit_people.waiting(session, year)
    names = {material.code: material.name for material in platform.rules[year].materials}
    following = unit_people.next_case(session, year)
    only = None if asked.unit_id is None else session.get(Unit, asked.unit_id)
    trades = {trade.code: trade.name for trade in trades_in_force(session, platform.offices.catalogue, year)}
    return {
        "dates": legal_dates(session, year),
        "draft_ends": {
            office: closing_of(session, office, year, WindowKind.REGISTRATION)
            for office in {row.local_office_id for row in found.rows}
        },
        "asked": asked,
        "filters": _filters(asked),
        "rows": found.rows,
        "missing": unit_people.missing(session, found.rows, names),
        "chips": _chips(asked, known, waiting),
        "waiting": waiting,
        "next_case": None if following is None else _case_address(following, Asked(waiting=True)),
        "total": sum(known.values()),
        "turns": _TURNS,
        "labels": STATE_LABELS,
        "tones": TONES,
        "grade_labels": {int(grade): grade.label for grade in Grade},
        "trade_names": trades,
        "address": _case_address,
        "next_address": None
        if found.after is None
        else f"{_address(asked)}{'&' if _filters(asked) else '?'}after={found.after}",
        "first_address": None if after is None else _address(asked),
        "several_units": len(session.unit_ids) > 1,
        "only_unit": None if only is None else only.name,
        "bulk": asked.waiting and bool(found.rows),
        "decided": [],
        "ticked": frozenset(),
        "done": None,
        "taken_back": (),
        "undo_at": "/unit/undo",
    }


def legal_dates(session: UnitSession, year: int) -> list[tuple[str, datetime]]:
    """The dates that bind the unit, each the earliest of its places: its own review, and registration."""
    offices = directory.local_offices(session)
    found = [
        (label, min(closes))
        for label, kind in (("本单位初审", WindowKind.UNIT_REVIEW), ("网上报名", WindowKind.REGISTRATION))
        if (closes := [end for office in offices if (end := closing_of(session, office, year, kind)) is not None])
    ]
    return sorted(found, key=lambda date_: date_[1])


def _chips(asked: Asked, known: dict[State, int], waiting: int) -> list[tuple[str, str, bool]]:
    everybody = not asked.waiting and asked.state is None
    return [
        (f"全部 {sum(known.values())}", _address(asked, state=""), everybody),
        (f"等我审核 {waiting}", _address(asked, state="waiting"), asked.waiting),
        *(
            (f"{STATE_LABELS[state]} {known[state]}", _address(asked, state=state.value), state is asked.state)
            for state in (*_SHOWN, *_ENDED)
            if state in known
        ),
    ]


def _act(session: UnitSession, platform: Platform, application_id: UUID, *, action: str, data: dict[str, Any]) -> None:
    offices, reason = platform.offices, str(data.get("reason") or data.get("picked") or "").strip()
    version = seen_version(data)
    verbs: dict[str, Callable[[], Any]] = {
        "approve": lambda: service.approve(
            session, application_id, offices=offices, version=version, items=item_verdicts(data)
        ),
        "return": lambda: service.return_for_correction(
            session, application_id, offices=offices, version=version, items=item_verdicts(data), reason=reason
        ),
        "reject": lambda: service.reject(session, application_id, offices=offices, version=version, reason=reason),
        "defer": lambda: _defer(session, application_id, data),
    }
    if action not in verbs:
        raise NotFound("no_such_action", "没有这个操作，请使用页面上的按钮。")
    verbs[action]()


def _defer(session: UnitSession, application_id: UUID, data: dict[str, Any]) -> None:
    application, material = queries.application(session, application_id), str(data.get("defer") or "")
    try:
        due_at = end_of(date.fromisoformat(str(data.get(f"due_{material}") or "")))
    except (ValueError, OverflowError):
        raise Invalid("deferral_due", "请填写补交的最后日期。", at=f"due_{material}") from None
    applications.commit_to_deferral(
        session,
        application_id,
        material=material,
        commitment=str(data.get(f"commitment_{material}") or ""),
        due_at=due_at,
        exam_begins=queries.exam_of(session, application),
    )


def _case(request: AnyRequest, session: UnitSession, platform: Platform, application_id: UUID) -> dict[str, Any]:
    application = queries.application(session, application_id)
    asked, state = asked_for(request.query_params), State(application.state)
    actions = [action for action in allowed_actions(state, capacities(session, application)) if action in _DECIDED]
    read = what_is_read(session, platform, application)
    row = unit_people.missing(session, [application], read["names"])
    first = form_steps.pages(application.unlocked_items)[0]
    return {
        **read,
        "correct_at": f"/unit/people/{application_id}/{form_steps.address(first)}" if first != form_steps.CHECK else "",
        "back": _address(asked),
        "back_to": "我的人员",
        "at": f"/unit/cases/{application_id}",
        "barred": "",
        "query": _case_address(application_id, asked).partition("?")[2],
        "asking": frozenset(),
        "filters": _filters(asked),
        "done": done_before(session, request.query_params),
        "undo_at": "/unit/undo",
        "actions": {action.value: ACTION_LABELS[action] for action in actions},
        "consequences": _consequences(application, actions),
        "turn": _TURNS.get(state, ""),
        "dates": legal_dates(session, application.year),
        "stage_ends": closing_of(
            session, application.local_office_id, application.year, WindowKind.REGISTRATION, grade=application.grade
        )
        if state is State.DRAFT
        else application.due_at,
        "missing": row[application.id],
        "deferrable": _deferrable(session, application) if actions else [],
        "exam": _exam(session, application),
    }


def _deferrable(session: UnitSession, application: Application) -> list[dict[str, Any]]:
    """The absent papers that may follow on the unit's commitment."""
    have = materials_of(session, application.id) | {
        deferral.material for deferral in queries.deferrals(session, application.id)
    }
    wanted = queries.pinned_requirements(session, application)
    return [requirement for requirement in wanted if requirement["deferrable"] and requirement["code"] not in have]


def _exam(session: UnitSession, application: Application) -> datetime | None:
    grade = Grade(application.grade or Grade.FIVE)
    return exam_begins(session, application.local_office_id, application.year, grade)


def _consequences(application: Application, actions: list[Action]) -> dict[str, str]:
    """The consequence of each decision, shown beside its button. Source: 2024 notice §2(4)."""
    stages = application.route
    to_department = application.state == State.UNIT_REVIEW and ReviewStage.DEPARTMENT_REVIEW in stages
    onward = "主管部门审核" if to_department else "工考管理机构资格审查"
    said = {
        Action.APPROVE: f"同意报考，转{onward}。单位对申报材料的真实性负主要审查责任。",
        Action.RETURN: "退回后只开放标为有误或缺少的项目，申报人改正、补齐后重新逐级审核。",
        Action.REJECT: "不同意报考即告结束，理由将告知申报人。",
    }
    return {action.value: said[action] for action in actions}
