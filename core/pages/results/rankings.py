"""The ranking of a panel by pages: proposed, confirmed, returned or withdrawn, and the papers to be signed."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.pages.results.evaluation import show_panel
from core.results.evaluation import papers, queries, ranking
from core.text.form_texts import required_text
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import EXAM_WATCHERS, EXAMINERS, SUPERVISORS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Sent, attempt, see
from core.web.routes import form, look


@form("/panels/{panel_id:uuid}/ranking", roles=EXAMINERS)
def propose_ranking(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, panel_id: FromPath[UUID]
) -> Response[Any]:
    """Put the ranking before a supervisor."""
    with attempt(request, session) as tried:
        ranking.propose(session, panel_id, offices=platform.offices)
        return see(f"/panels/{panel_id}#ranking")
    return show_panel(request, session, platform, panel_id, tried=tried)


@form("/panels/{panel_id:uuid}/ranking/{ranking_id:uuid}", roles=SUPERVISORS)
def decide_ranking(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    panel_id: FromPath[UUID],
    ranking_id: FromPath[UUID],
    data: Sent,
) -> Response[Any]:
    """Confirm a ranking, return it, or withdraw a confirmed one."""
    with attempt(request, session) as tried:
        verdict, written = str(data.get("verdict") or ""), str(data.get("why") or "")
        if verdict == "confirmed":
            ranking.confirm(session, ranking_id, offices=platform.offices)
        else:
            reason = required_text(written, "请写明退回或撤回的原因。", field="why")
            act = ranking.withdraw if verdict == "withdrawn" else ranking.return_ranking
            act(session, ranking_id, reason=reason)
        return see(f"/panels/{panel_id}#ranking")
    return show_panel(request, session, platform, panel_id, tried=tried, given=data)


@look("/panels/{panel_id:uuid}/summary", roles=EXAM_WATCHERS)
def print_summary(session: OfOffice, platform: ThePlatform, panel_id: FromPath[UUID]) -> Response[bytes]:
    """The summary of the scores as a PDF, to be signed."""
    return printed(papers.summary_pdf(session, queries.panel(session, panel_id), offices=platform.offices))


@look("/panels/{panel_id:uuid}/minutes", roles=EXAM_WATCHERS)
def print_minutes(session: OfOffice, panel_id: FromPath[UUID]) -> Response[bytes]:
    """The minutes as a PDF, to be signed."""
    return printed(papers.minutes_pdf(session, queries.panel(session, panel_id)))
