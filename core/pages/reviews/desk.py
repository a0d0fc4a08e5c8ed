"""The desk: the queue of cases, claims, and deciding many cases at once."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.applications.progress import TONES
from core.db.session import OfficeSession
from core.domain.workflow import ACTION_LABELS, STATE_LABELS, Action, State
from core.errors import Invalid, NotFound
from core.pages.reviews.desk_filters import asked_for, case_address, filters, queue_address
from core.pages.reviews.undoing import done_before, done_in_bulk, take_back
from core.pages.season import season_asked
from core.plugin_api import Grade
from core.reviews import claims, service
from core.reviews.bulk import Decided, Foreseen, Seen, decide_each, sort_out
from core.reviews.queue import SHOWN, WORK, Asked, counts, queue
from core.text.form_texts import whole_number
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import REVIEWERS
from core.web.page.rendering import AnyRequest, Sent, attempt, render, see
from core.web.routes import form, page

MOST_AT_ONCE = 200
_BULK = {Action.APPROVE: "批量审核通过", Action.CONFIRM: "批量现场确认"}


@page("/desk", roles=REVIEWERS)
def queue_page(
    request: AnyRequest, session: OfOffice, *, after: Annotated[str, QueryParameter(max_length=400)] = ""
) -> Response[str]:
    """The cases that the office has in hand, the most urgent first; filters and order are in the address."""
    asked = asked_for(request.query_params)
    context = {
        **_queue(request, session, asked, after=after or None),
        "done": done_before(session, request.query_params),
    }
    return render(request, session, "reviews/queue.html", **context)


@form("/desk/bulk/{action:str}", roles=REVIEWERS)
def decide_many(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, action: FromPath[str], data: Sent
) -> Response[Any]:
    """Show what would be decided and what is left out and why; once confirmed, decide. A refused case stays ticked."""
    asked = asked_for(data)
    decided: list[Decided] = []
    with attempt(request, session) as tried:
        verb = _bulk_action(action)
        cases = ticked_cases(data)
        if not data.get("confirmed"):
            found = sort_out(session, cases, verb)
            return render(
                request,
                session,
                "reviews/bulk.html",
                **to_confirm(
                    found,
                    _BULK[verb],
                    "审查台",
                    at=f"/desk/bulk/{verb.value}",
                    back=queue_address(asked),
                    filters=filters(asked),
                    address=lambda case_id: case_address(case_id, asked),
                ),
            )
        decide = service.approve if verb is Action.APPROVE else service.confirm
        decided = decide_each(
            session,
            cases,
            verb,
            lambda case_id, version: decide(session, case_id, offices=platform.offices, version=version, bulk=True),
        )
    context = _queue(request, session, asked, after=None)
    ticked = {case.application_id for case in decided if case.refusal is not None}
    more = {"decided": decided, "ticked": ticked, "done": done_in_bulk(session, decided)}
    return render(request, session, "reviews/queue.html", tried=tried, **{**context, **more})


def to_confirm(found: list[Foreseen], title: str, back_to: str, **more: Any) -> dict[str, Any]:
    """The data of the page that asks before many cases are decided."""
    return {
        "title": title,
        "back_to": back_to,
        "taken": [one for one in found if one.why is None],
        "left": [one for one in found if one.why is not None],
        **more,
    }


@form("/desk/undo", roles=REVIEWERS)
def undo_decisions(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Take back what was just decided: one decision, or many at once."""
    asked = asked_for(data)
    taken_back: list[Decided] = []
    with attempt(request, session) as tried:
        taken_back = take_back(session, platform, data)
    context = _queue(request, session, asked, after=None)
    return render(request, session, "reviews/queue.html", tried=tried, **{**context, "taken_back": taken_back})


@form("/desk/cases/{application_id:uuid}/claim", roles=REVIEWERS)
def claim_case(request: AnyRequest, session: OfOffice, application_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Claim a case, or take it over from a colleague."""
    with attempt(request, session) as tried:
        claims.claim(session, application_id, take_over=data.get("take_over") == "true")
    asked = asked_for(data)
    if tried.refusal is None:
        return see(case_address(application_id, asked))
    return render(request, session, "reviews/queue.html", tried=tried, **_queue(request, session, asked, after=None))


@form("/desk/cases/{application_id:uuid}/release", roles=REVIEWERS)
def release_case(session: OfOffice, application_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Put a case back, and return to the queue with the same filters."""
    claims.release(session, application_id)
    return see(queue_address(asked_for(data)))


def _queue(request: AnyRequest, session: OfficeSession, asked: Asked, *, after: str | None) -> dict[str, Any]:
    year = season_asked(request, session).year
    found = queue(session, year, asked, after=after)
    known = counts(session, year)
    chips = [
        (f"{STATE_LABELS[state]} {known.get(state, 0)}", queue_address(asked, state=state.value), state is asked.state)
        for state in SHOWN
        if state in WORK or known.get(state)
    ]
    return {
        "asked": asked,
        "filters": filters(asked),
        "rows": found.rows,
        "chips": chips,
        "grades": [(int(grade), grade.label) for grade in sorted(Grade, reverse=True)],
        "grade_labels": {int(grade): grade.label for grade in Grade},
        "labels": STATE_LABELS,
        "tones": TONES,
        "address": case_address,
        "bulk": _bulk_of(asked.state),
        "next_address": None if found.after is None else queue_address(asked, after=found.after),
        "first_address": queue_address(asked) if after else None,
        "total": known.get(asked.state, 0),
        "actor_id": session.actor.account_id,
        "decided": (),
        "ticked": frozenset(),
        "done": None,
        "taken_back": (),
        "undo_at": "/desk/undo",
    }


def _bulk_of(state: State) -> tuple[str, str] | None:
    action = {State.QUALIFICATION_REVIEW: Action.APPROVE, State.ONSITE_CONFIRMATION: Action.CONFIRM}.get(state)
    return None if action is None else (action.value, _BULK[action])


def _bulk_action(action: str) -> Action:
    found = next((verb for verb in _BULK if verb.value == action), None)
    if found is None:
        able = "或".join(ACTION_LABELS[verb] for verb in _BULK)
        raise NotFound("no_such_action", f"只能批量{able}，其他决定请逐件办理。")
    return found


def ticked_cases(sent: dict[str, Any]) -> list[Seen]:
    """The ticked cases of a list, each with the version that was seen; Invalid for none or too many."""
    given = sent.get("case") or []
    ticked = [str(case) for case in (given if isinstance(given, list) else [given])]
    if not ticked:
        raise Invalid("nothing_ticked", "请先勾选要办理的申请。")
    if len(ticked) > MOST_AT_ONCE:
        raise Invalid("too_many_ticked", f"一次最多办理{MOST_AT_ONCE}件，请分批办理。")
    try:
        parts = [case.split("@", 1) for case in ticked]
        return [Seen(UUID(case_id), _version(version)) for case_id, version in parts]
    except ValueError:
        raise Invalid("ticked_unknown", "勾选的内容无法识别，请刷新页面后重新勾选。") from None


def _version(written: str) -> int:
    version = whole_number(written)
    if version is None:
        raise ValueError(written)
    return version
