"""One case at the desk: the answers beside the papers, findings, changes since the return, and the decision."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications import form_steps, queries
from core.applications.forms import read_draft
from core.applications.models import Application, Deferral
from core.applications.moves import capacities, check_separation
from core.applications.progress import TONES
from core.applications.relations import must_avoid
from core.db.session import OfficeSession, ScopedSession, UnitSession
from core.documents.models import Document
from core.domain.workflow import ACTION_LABELS, STATE_LABELS, Action, State, allowed_actions
from core.errors import Forbidden, Invalid, NotFound
from core.pages.applications.earlier_certificates import comparison
from core.pages.applications.own_application import choices
from core.pages.reviews.desk_filters import asked_for, case_address, filters, queue_address
from core.pages.reviews.undoing import after, done_before
from core.platform import Platform
from core.plugin_api import Severity
from core.reviews import absent, changes, claims, service
from core.reviews.assignment.reviewers import reviewers
from core.reviews.assignment.workload import assignment_of
from core.reviews.decisions.items import ItemVerdict
from core.reviews.inquiries.service import inquiries_of
from core.reviews.queue import COUNTED_TO, Asked, neighbours, next_case
from core.reviews.reasons import ITEM_REASONS, MISSING
from core.reviews.settlements import Answer, still_asking
from core.tenancy.models import Office
from core.text.filters import end
from core.text.form_texts import whole_number
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import REVIEWERS
from core.web.page.rendering import AnyRequest, Sent, attempt, render, see
from core.web.routes import form, page

_DECIDED = {Action.APPROVE, Action.RETURN, Action.REJECT, Action.CONFIRM, Action.CLEAR}


@page("/desk/cases/{application_id:uuid}", roles=REVIEWERS)
def case_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[str]:
    """The case item by item, with its papers."""
    return render(request, session, "reviews/case.html", **_case(request, session, platform, application_id))


@form("/desk/cases/{application_id:uuid}/{action:str}", roles=REVIEWERS)
def decide(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    action: FromPath[str],
    data: Sent,
) -> Response[Any]:
    """Decide, and continue with the next case of the same list."""
    with attempt(request, session) as tried:
        asked = asked_for(request.query_params)
        beside = neighbours(session, asked, queries.application(session, application_id)).next
        decided = _act(session, platform, application_id, action=action, data=data)
        following = _following(session, asked, decided, beside)
        onward = queue_address(asked) if following is None else case_address(following, asked)
        return see(after(onward, session, decided))
    context = _case(request, session, platform, application_id)
    return render(request, session, "reviews/case.html", tried=tried, **{**context, "given": form_steps.Fields(data)})


def _following(session: OfficeSession, asked: Asked, decided: Application, beside: UUID | None) -> UUID | None:
    """The case after the one just decided; where a colleague reads it, or there is none, the first that is free."""
    claim = None if beside is None else claims.holder(session, beside)
    if beside is not None and (claim is None or claim.account_id == session.actor.account_id):
        return beside
    return next_case(session, decided.year, asked, beside=decided.id)


def _act(
    session: OfficeSession, platform: Platform, application_id: UUID, *, action: str, data: dict[str, Any]
) -> Application:
    offices, reason = platform.offices, str(data.get("reason") or data.get("picked") or "").strip()
    version = seen_version(data)
    verbs: dict[str, Callable[[], Application]] = {
        "approve": lambda: service.approve(
            session,
            application_id,
            offices=offices,
            version=version,
            items=item_verdicts(data),
            answers=answers_given(data),
        ),
        "return": lambda: service.return_for_correction(
            session, application_id, offices=offices, version=version, items=item_verdicts(data), reason=reason
        ),
        "reject": lambda: service.reject(session, application_id, offices=offices, version=version, reason=reason),
        "confirm": lambda: service.confirm(
            session, application_id, offices=offices, version=version, items=item_verdicts(data)
        ),
        "clear": lambda: service.clear(session, application_id, offices=offices, version=version),
    }
    if action not in verbs:
        raise NotFound("no_such_action", "没有这个操作，请使用页面上的按钮。")
    return verbs[action]()


def item_verdicts(data: dict[str, Any]) -> list[ItemVerdict]:
    """The verdict on each item that was named (correct, faulty, missing), and what is asked for besides.

    A reason that was not chosen stays empty: the service then asks for one, unless a comment says it.
    """
    found = []
    for name, value in data.items():
        prefix, _, item = name.partition("_")
        if prefix == "verdict" and value == "correct":
            found.append(ItemVerdict(item))
        elif prefix == "fault" or (prefix == "verdict" and value in {"faulty", MISSING}):
            code = MISSING if value == MISSING else str(data.get(f"code_{item}") or "")
            comment = str(data.get(f"note_{item}") or "").strip()
            found.append(ItemVerdict(item, faulty=True, reason_code=_known_code(code, item), comment=comment))
    return found


def _known_code(code: str, item: str) -> str:
    if code and code not in ITEM_REASONS:
        raise Invalid("reason_code_unknown", "请从列表中选择有误的原因。", fields={f"code_{item}": "请选择原因"})
    return code


def answers_given(data: dict[str, Any]) -> list[Answer]:
    """The officer's answers to findings that ask: those with a chosen verdict."""
    found = []
    for name, verdict in data.items():
        if name.startswith("settle_") and verdict in {"yes", "no"}:
            finding = name.removeprefix("settle_")
            found.append(Answer(_finding_id(finding), verdict == "yes", str(data.get(f"why_{finding}") or "")))
    return found


def _finding_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("finding_unknown", "没有这条审核意见，请刷新页面后重新核实。") from None


def seen_version(data: dict[str, Any]) -> int | None:
    """The version of the case that the reviewer saw; None where the form has none."""
    return whole_number(data.get("version"))


def _case(request: AnyRequest, session: OfficeSession, platform: Platform, application_id: UUID) -> dict[str, Any]:
    application = queries.application(session, application_id)
    asked = asked_for(request.query_params)
    held = capacities(session, application)
    barred = _barred(session, application)
    offered = () if barred else allowed_actions(State(application.state), held)
    actions = [action for action in offered if action in _DECIDED]
    claim = claims.holder(session, application_id)
    read = what_is_read(session, platform, application)
    return {
        **read,
        **_last_season(session, platform, application, read["documents"]),
        "asked": asked,
        "filters": filters(asked),
        "back": queue_address(asked),
        "back_to": "审查台",
        "at": f"/desk/cases/{application_id}",
        "query": case_address(application_id, asked).partition("?")[2],
        "asking": {finding.id for finding in still_asking(read["findings"], read["settlements"])},
        "actions": {action.value: ACTION_LABELS[action] for action in actions},
        "barred": barred,
        "consequences": _consequences(session, application, actions, read["deferrals"]),
        "claim": claim,
        "done": done_before(session, request.query_params),
        "undo_at": "/desk/undo",
        "claim_is_mine": claim is not None and claim.account_id == session.actor.account_id,
        **_place(session, asked, application),
        **_assignment(session, application),
    }


def _barred(session: OfficeSession, application: Application) -> str:
    """Why the reader, who decided on an earlier stage of the office, decides nothing here; empty for all others."""
    if State(application.state) is not State.ONSITE_CONFIRMATION:
        return ""
    try:
        check_separation(session, application)
    except Forbidden as refused:
        return refused.detail
    return ""


def _place(session: OfficeSession, asked: Asked, application: Application) -> dict[str, Any]:
    """Where the case stands in the list from which it was opened, and the ways to the cases beside it."""
    place = neighbours(session, asked, application)
    return {
        "place": place,
        "counted_to": COUNTED_TO,
        "previous_at": None if place.previous is None else case_address(place.previous, asked),
        "next_at": None if place.next is None else case_address(place.next, asked),
    }


def _assignment(session: OfficeSession, application: Application) -> dict[str, Any]:
    """Whose work the case is, and the colleagues to whom it may be given."""
    if application.handler_office_id != session.office_id:
        return {"assigned": None, "colleagues": []}
    held, there = assignment_of(session, application.id), reviewers(session)
    holding = next((reviewer for reviewer in there if held and reviewer.account_id == held.account_id), None)
    return {
        "assigned": held,
        "assigned_to": holding,
        "colleagues": [
            (reviewer.account_id, reviewer.name) for reviewer in there if reviewer.is_there and reviewer is not holding
        ],
    }


def what_is_read(session: UnitSession | OfficeSession, platform: Platform, application: Application) -> dict[str, Any]:
    """The data of a case for every reviewer, at any stage: answers, papers, findings, and moves."""
    state, rules = State(application.state), platform.rules[application.year]
    papers = absent.papers_of(session, application)
    changed = {change.item: change.before for change in changes.since_the_return(session, application)}
    return {
        "of_year": application.year,
        "application": application,
        "label": STATE_LABELS[state],
        "tone": TONES[state],
        "items": shown_items(session, application, platform, changed),
        "documents": papers.documents,
        "replaced": changes.replaced_papers(session, application),
        "absent": absent.absent_papers(papers, rules) if application.round else [],
        "empty": absent.empty_answers(application),
        "compared": comparison(session, application),
        "names": absent.paper_names(papers.requirements, rules),
        "findings": queries.findings(session, application.id, application.round),
        "avoids": must_avoid(session, application.id),
        "settlements": queries.settlements(session, application.id),
        "marks": {Severity.BLOCKS: "不符合", Severity.ASKS: "需核实", Severity.NOTES: "通过"},
        "reasons": [
            (reason, reason) for reason in platform.offices.config(application.local_office_id).review.return_reasons
        ],
        "item_reasons": [(code, text) for code, text in ITEM_REASONS.items() if code != MISSING],
        "story": queries.story(session, application.id),
        "action_labels": ACTION_LABELS,
        "deferrals": papers.deferrals,
        "inquiries": inquiries_of(session, application.id),
        "office": session.get_one(Office, application.office_id).name,
        "given": form_steps.Fields(),
        "taken_back": (),
        "last_season": None,
        "last_answers": {},
        "last_papers": {},
    }


def _last_season(
    session: OfficeSession, platform: Platform, application: Application, papers: Sequence[Document]
) -> dict[str, Any]:
    """The differences from the person's application of an earlier season, as text; empty where there is none."""
    found = changes.since_last_season(session, application, papers)
    if found is None:
        return {}
    known = choices(session, platform, application.year)
    items = [item for step in form_steps.STEPS for item in step.items if item in found.answers]
    return {
        "last_season": found.application,
        "last_answers": {item: form_steps.written(item, found.answers[item], known) for item in items},
        "last_papers": found.papers,
    }


def shown_items(
    session: ScopedSession, application: Application, platform: Platform, changed: dict[str, Any]
) -> list[dict[str, Any]]:
    """Every answer as text, in the order of the form, with the answer before the return."""
    known = choices(session, platform, application.year)
    draft = read_draft(application.form).model_dump(mode="json", exclude_none=True)
    shown = [item for step in form_steps.STEPS for item in step.items if draft.get(item) not in (None, [], "", False)]
    return [
        {
            "item": item,
            "label": form_steps.ITEM_LABELS[item],
            "text": form_steps.written(item, draft[item], known),
            "changed": item in changed,
            "before": form_steps.written(item, changed.get(item), known) if item in changed else "",
        }
        for item in shown
    ]


def _consequences(
    session: OfficeSession, application: Application, actions: list[Action], committed: Sequence[Deferral]
) -> dict[str, str]:
    """The consequence of each decision, shown beside its button."""
    onward = "现场确认" if application.onsite_needed else ("容缺通过" if application.deferral_open else "审查通过")
    said = {
        Action.APPROVE: f"通过后转为“{onward}”。",
        Action.RETURN: "退回后只开放标为有误或缺少的项目，申报人改正、补齐后重新逐级审核。",
        Action.REJECT: "审查不通过即告结束，理由将告知申报人和单位。",
        Action.CONFIRM: f"确认后转为“{'容缺通过' if application.deferral_open else '审查通过'}”。",
        Action.CLEAR: _of_clearing(session, application, committed) if Action.CLEAR in actions else "",
    }
    return {action.value: said[action] for action in actions}


def _of_clearing(session: OfficeSession, application: Application, committed: Sequence[Deferral]) -> str:
    """The consequence of the final verdict, and its last day once the papers are in. Source: 2024 notice §2(5)."""
    if any(deferral.state == "open" for deferral in committed):
        return "材料补齐后才能核销。到期没有补交的，按审查不通过处理，不用您操作。"
    text = "核销后转为“审查通过”，可以签发准考证。"
    if application.due_at is None:
        return text
    last = end(application.due_at)
    if session.now < application.due_at:
        return f"{text}材料已补齐，须在{last}前作出最终审查结论。"
    return f"{text}最终审查结论的期限{last}已过，请立即办理：考试前没有结论的，考生不能参加考试。"
