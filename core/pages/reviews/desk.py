"""The desk: the queue of cases, claims, and deciding many cases at once."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.applications import form_steps
from core.applications.progress import TONES
from core.applications.queries import trades_to_choose
from core.db.session import OfficeSession
from core.domain.workflow import STATE_LABELS, Action
from core.errors import Invalid
from core.pages.reviews.bulk_runs import LABELS, OF_STATE, ask_before, bulk_action, faulty_items, reason_given
from core.pages.reviews.desk_filters import (
    ANY,
    COLUMNS,
    asked_for,
    case_address,
    columns_of,
    filters,
    for_each,
    in_words,
    narrowing,
    queue_address,
    sorted_by,
)
from core.pages.reviews.undoing import done_before, done_in_bulk, take_back
from core.pages.season import season_asked
from core.plugin_api import Grade
from core.reviews import claims
from core.reviews.assignment.reviewers import Assigned
from core.reviews.bulk import Decided, Foreseen, Seen, decide_each, sort_out
from core.reviews.lists.orders import Order
from core.reviews.lists.runs import check_return, deciding
from core.reviews.lists.views import remove_view, save_view, views
from core.reviews.models import DeskView
from core.reviews.queue import SHOWN, WORK, Asked, Claimed, Found, Papers, counts, queue
from core.seasons.queries import trades_of
from core.text.form_texts import whole_number
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import REVIEWERS
from core.web.page.rendering import AnyRequest, Sent, attempt, render, see
from core.web.page.season_address import YEAR
from core.web.routes import form, page

MOST_AT_ONCE = 200
MOST_COUNTED = 1000
"""How far the cases that filters leave are counted on a page; "1000件以上" says enough."""


@page("/desk", roles=REVIEWERS)
def queue_page(
    request: AnyRequest, session: OfOffice, *, after: Annotated[str, QueryParameter(max_length=400)] = ""
) -> Response[str]:
    """The cases that the office has in hand, the most urgent first; filters and order are in the address."""
    saved = views(session)
    asked = asked_for(request.query_params)
    if not set(request.query_params) - {YEAR}:
        asked = next((_as_saved(view) for view in saved if view.is_default), asked)
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
        verb = bulk_action(action)
        cases = ticked_cases(data)
        if verb is Action.RETURN and not data.get("confirmed"):
            return ask_before(
                request, session, platform, asked, action=verb, number=len(cases), cases=_as_ticked(cases)
            )
        if not data.get("confirmed"):
            found = sort_out(session, cases, verb)
            return render(
                request,
                session,
                "reviews/bulk.html",
                **to_confirm(
                    found,
                    LABELS[verb],
                    "审查台",
                    at=f"/desk/bulk/{verb.value}",
                    back=queue_address(asked),
                    filters=filters(asked),
                    address=lambda case_id: case_address(case_id, asked),
                ),
            )
        reason, items = reason_given(data), faulty_items(data)
        check_return(verb, reason, items)
        decide = deciding(session, verb, offices=platform.offices, reason=reason, items=items)
        decided = decide_each(session, cases, verb, decide)
    if tried.refusal is not None and data.get("confirmed") and action == Action.RETURN:
        again = _as_ticked(ticked_cases(data))
        return ask_before(
            request,
            session,
            platform,
            asked,
            action=Action.RETURN,
            number=len(again),
            cases=again,
            tried=tried,
            given=form_steps.Fields(data),
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


@form("/desk/views", roles=REVIEWERS)
def save_filters(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Keep the filters, the order and the ticked columns under a name."""
    asked = asked_for(data)
    with attempt(request, session) as tried:
        given = data.get("column") or []
        ticked = [str(name) for name in (given if isinstance(given, list) else [given])]
        kept = {name: value for name, value in filters(asked).items() if name not in {"view", "q"}}
        view = save_view(
            session,
            str(data.get("name") or ""),
            filters=kept,
            columns=[name for name in COLUMNS if name in ticked],
            is_default=data.get("default") == "1",
        )
        return see(queue_address(replace(asked, view=view.id)))
    return render(request, session, "reviews/queue.html", tried=tried, **_queue(request, session, asked, after=None))


@form("/desk/views/{view_id:uuid}/remove", roles=REVIEWERS)
def remove_filters(session: OfOffice, view_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Take a saved view away, and stay with its filters."""
    remove_view(session, view_id)
    return see(queue_address(replace(asked_for(data), view=None)))


def _as_saved(view: DeskView) -> Asked:
    """The filters of a saved view; those of a release before that are known no more are left out."""
    try:
        return replace(asked_for(view.filters), view=view.id)
    except Invalid:
        return Asked(view=view.id)


def _queue(request: AnyRequest, session: OfficeSession, asked: Asked, *, after: str | None) -> dict[str, Any]:
    year = season_asked(request, session).year
    known, saved, trades = counts(session, year), views(session), trades_of(session, year)
    total = known.get(asked.state, 0)
    chips = [
        (f"{STATE_LABELS[state]} {known.get(state, 0)}", queue_address(asked, state=state.value), state is asked.state)
        for state in SHOWN
        if state in WORK or known.get(state)
    ]
    view = next((kept for kept in saved if kept.id == asked.view), None)
    narrowed = in_words(session, replace(asked, order=Order.DUE, falling=False), dict(trades))
    found = queue(session, year, asked, after=after, counted_to=MOST_COUNTED if narrowed else None)
    return {
        "asked": asked,
        "filters": filters(asked),
        "rows": found.rows,
        "chips": chips,
        "views": [(kept.name, queue_address(_as_saved(kept)), kept is view) for kept in saved],
        "view": view,
        "all_columns": COLUMNS,
        "columns": columns_of(view),
        "sorted_by": lambda order: sorted_by(asked, order),
        "narrowed": narrowed,
        "more_open": bool(narrowing(asked).keys() - {"q", "grade", "unit", "department"}),
        "everything": queue_address(Asked(asked.state, order=asked.order, falling=asked.falling, view=asked.view)),
        "of_unit": for_each(queue_address(asked, unit=str(ANY))),
        "of_department": for_each(queue_address(asked, department=str(ANY))),
        "kinds": {"found": Found, "papers": Papers, "claimed": Claimed, "assigned": Assigned, "orders": Order},
        "options": lambda kinds: [(kind.value, kind.label) for kind in kinds],
        "trades": trades_to_choose(session, year, trades, [asked.trade]),
        "trade_names": dict(trades),
        "grades": [(int(grade), grade.label) for grade in sorted(Grade, reverse=True)],
        "grade_labels": {int(grade): grade.label for grade in Grade},
        "labels": STATE_LABELS,
        "tones": TONES,
        "address": for_each(case_address(ANY, asked)),
        "bulk": [(action.value, LABELS[action]) for action in OF_STATE.get(asked.state, ())],
        "next_address": None if found.after is None else queue_address(asked, after=found.after),
        "first_address": queue_address(asked) if after else None,
        "total": total,
        "left": total if found.left is None else found.left,
        "most": MOST_COUNTED,
        "actor_id": session.actor.account_id,
        "decided": (),
        "ticked": frozenset(),
        "done": None,
        "taken_back": (),
        "undo_at": "/desk/undo",
    }


def _as_ticked(cases: list[Seen]) -> list[str]:
    return [f"{case.application_id}@{case.version}" for case in cases]


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
