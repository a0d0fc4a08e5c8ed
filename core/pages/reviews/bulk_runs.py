"""Many cases at once: a return with one reason, and all cases that the filters leave, decided in the background."""

from typing import Any, Final

from litestar import Response
from litestar.params import FromPath

from core.applications import form_steps
from core.db.session import OfficeSession
from core.domain.workflow import ACTION_LABELS, STATE_LABELS, Action, State
from core.errors import NotFound
from core.pages.reviews.desk_filters import asked_for, case_address, filters, in_words, queue_address
from core.pages.season import season_asked
from core.platform import Platform
from core.reviews.decisions.items import ItemVerdict
from core.reviews.lists.runs import IN_BULK, ask_for_run, refused, refused_count, runs
from core.reviews.queue import Asked, count
from core.reviews.reasons import ITEM_REASONS
from core.seasons.queries import trades_of
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import REVIEWERS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

LABELS: Final = {Action.APPROVE: "批量审核通过", Action.CONFIRM: "批量现场确认", Action.RETURN: "批量退回"}
OF_STATE: Final = {
    State.QUALIFICATION_REVIEW: (Action.APPROVE, Action.RETURN),
    State.ONSITE_CONFIRMATION: (Action.CONFIRM, Action.RETURN),
}
"""What may be done with many cases of a state at once."""
_MOST_SHOWN: Final = 500


@form("/desk/bulk/{action:str}/all", roles=REVIEWERS)
def decide_all(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, action: FromPath[str], data: Sent
) -> Response[Any]:
    """Show how many cases the filters leave; once confirmed, have them decided in the background."""
    asked, verb = asked_for(data), bulk_action(action)
    year = season_asked(request, session).year
    with attempt(request, session) as tried:
        if not data.get("confirmed"):
            return ask_before(request, session, platform, asked, action=verb, number=count(session, year, asked))
        ask_for_run(session, year, asked, verb, reason=reason_given(data), items=faulty_items(data))
        return see("/desk/runs")
    return ask_before(
        request,
        session,
        platform,
        asked,
        action=verb,
        number=count(session, year, asked),
        tried=tried,
        given=form_steps.Fields(data),
    )


@page("/desk/runs", roles=REVIEWERS)
def runs_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The officer's last runs: how far each is, and the cases that have to be decided by themselves."""
    found = runs(session)
    return render(
        request,
        session,
        "reviews/runs.html",
        runs=[
            (run, refused_count(session, run.id), refused(session, run.id, most=_MOST_SHOWN) if run is found[0] else ())
            for run in found
        ],
        labels={action.value: label for action, label in LABELS.items()},
        working=any(run.state in {"waiting", "working"} for run in found),
        address=lambda case_id: case_address(case_id, Asked()),
        most=_MOST_SHOWN,
    )


def ask_before(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    asked: Asked,
    *,
    action: Action,
    number: int,
    cases: list[str] | None = None,
    tried: Attempt | None = None,
    given: form_steps.Fields | None = None,
) -> Response[str]:
    """The page that asks before many cases are decided: those that are ticked, or all that the filters leave."""
    year = season_asked(request, session).year
    papers = {material.code: material.name for material in platform.rules[year].materials}
    return render(
        request,
        session,
        "reviews/bulk_all.html",
        tried=tried,
        title=LABELS[action],
        action=action.value,
        verb=ACTION_LABELS[action],
        number=number,
        cases=cases,
        at=f"/desk/bulk/{action.value}" + ("/all" if cases is None else ""),
        back=queue_address(asked),
        filters=filters(asked),
        narrowed=[STATE_LABELS[asked.state], *in_words(session, asked, dict(trades_of(session, year)))],
        items=[*papers.items(), *form_steps.ITEM_LABELS.items()] if action is Action.RETURN else [],
        item_reasons=list(ITEM_REASONS.items()),
        reasons=platform.offices.config(session.office_id).review.return_reasons,
        given=given or form_steps.Fields(),
    )


def bulk_action(action: str) -> Action:
    """The verb of an address; NotFound for one that is not for many cases at once."""
    found = next((verb for verb in IN_BULK if verb.value == action), None)
    if found is None:
        able = "、".join(ACTION_LABELS[verb] for verb in IN_BULK)
        raise NotFound("no_such_action", f"只能批量{able}，其他决定请逐件办理。")
    return found


def reason_given(data: dict[str, Any]) -> str:
    """The one reason of a return of many cases: written, or picked from the office's."""
    return str(data.get("reason") or data.get("picked") or "").strip()


def faulty_items(data: dict[str, Any]) -> list[ItemVerdict]:
    """The ticked items, each faulty for the one reason that was chosen."""
    given = data.get("item") or []
    ticked = [str(item) for item in (given if isinstance(given, list) else [given])]
    code = str(data.get("code") or "other")
    known = code if code in ITEM_REASONS else "other"
    return [ItemVerdict(item, faulty=True, reason_code=known, comment=reason_given(data)) for item in ticked]
