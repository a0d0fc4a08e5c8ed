"""The applicant's pages of the cases against them: papers to sign for, statement, appeal, and bans."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody

from core.db.session import PersonSession
from core.documents.attachment_queries import files_of, open_kinds, standing_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.errors import NotFound
from core.pages.offered_files import offered_if_chosen
from core.pages.sanctions.shown import TONES, papers_shown, steps_shown
from core.platform import Platform
from core.sanctions import case_queries as queries, cases, papers
from core.sanctions.carrying_out import measures_in_words
from core.sanctions.pdf import paper_pdf
from core.sanctions.procedure import CASE_STATE_LABELS, CaseAction, CaseState
from core.sanctions.queries import ban_now
from core.sanctions.steps import is_before
from core.sanctions.suspensions import suspensions
from core.scheduling.plans.notices import exam_is_over
from core.web.dependencies import OfPerson, ThePlatform
from core.web.guards import APPLICANTS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, attempt, render, see
from core.web.routes import form_with_file, look, page

_OWN_ACTIONS = {
    "receipt": CaseAction.SERVE,
    "statement": CaseAction.STATE,
    "waiver": CaseAction.FINISH,
    "appeal": CaseAction.APPEAL,
}


@page("/sanctions/own", roles=APPLICANTS)
def own_cases_page(request: AnyRequest, session: OfPerson) -> Response[str]:
    """The applicant's own cases."""
    rows, suspended = queries.cases(session), suspensions(session)
    return render(
        request,
        session,
        "sanctions/own_cases.html",
        rows=rows,
        suspended=suspended,
        exam_over={suspension.id for suspension, case in suspended if exam_is_over(session, case.id)},
        labels=CASE_STATE_LABELS,
        tones=TONES,
        barred=ban_now(session),
        unsigned={row.id for row in rows if papers.waiting(session, row) is not None},
    )


@page("/sanctions/own/{case_id:uuid}", roles=APPLICANTS)
def own_case_page(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, case_id: FromPath[UUID]
) -> Response[str]:
    """One of the applicant's own cases: its papers, the facts, and the deadlines for a statement and an appeal."""
    return _own_case(request, session, platform, case_id)


@form_with_file("/sanctions/own/{case_id:uuid}/{said:str}", roles=APPLICANTS)
def speak(
    request: AnyRequest,
    session: OfPerson,
    platform: ThePlatform,
    *,
    case_id: FromPath[UUID],
    said: FromPath[str],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Sign for a paper, add a statement or appeal with an optional paper, or waive being heard."""
    words, finished = str(data.get("words") or ""), bool(data.get("finished"))
    with attempt(request, session) as tried, offered_if_chosen(data, said) as paper:
        match _OWN_ACTIONS.get(said):
            case CaseAction.STATE:
                cases.state(session, case_id, words=words, finished=finished)
            case CaseAction.FINISH:
                cases.finish(session, case_id, words="放弃陈述申辩。")
            case CaseAction.SERVE:
                papers.receive(session, case_id)
            case CaseAction.APPEAL:
                cases.appeal(session, case_id, words=words)
            case _:
                raise NotFound("no_such_step", "没有这项操作。请从案件页面办理。")
        if paper is not None:
            attach(session, Subject.SANCTION, case_id, paper, keeping=platform.keeping)
        return see(f"/sanctions/own/{case_id}")
    return _own_case(request, session, platform, case_id, tried=tried, words=words)


@look("/sanctions/own/{case_id:uuid}/papers/{form_name:str}", roles=APPLICANTS)
def print_own_paper(session: OfPerson, case_id: FromPath[UUID], form_name: FromPath[str]) -> Response[bytes]:
    """A paper of one's own case as PDF."""
    return printed(paper_pdf(session, queries.case(session, case_id), form_name))


def _own_case(
    request: AnyRequest,
    session: PersonSession,
    platform: Platform,
    case_id: UUID,
    *,
    tried: Attempt | None = None,
    words: str = "",
) -> Response[str]:
    sanction = queries.case(session, case_id)
    return render(
        request,
        session,
        "sanctions/own_case.html",
        tried=tried,
        case=sanction,
        label=CASE_STATE_LABELS[CaseState(sanction.state)],
        tone=TONES[CaseState(sanction.state)],
        steps=steps_shown(session, case_id),
        evidence=queries.evidence(session, case_id),
        files=files_of(session, Subject.SANCTION, [case_id])[case_id],
        may_attach=bool(open_kinds(session, standing_of(session, Subject.SANCTION, case_id))),
        limits=limits_of(platform.offices.config(sanction.office_id)),
        measures=measures_in_words(sanction),
        papers=papers_shown(session, case_id),
        to_sign=papers.waiting(session, sanction),
        has_finished=CaseAction.FINISH in queries.taken(session, case_id),
        may_state=sanction.state == CaseState.HEARING and is_before(sanction.hearing_until, session.now),
        may_appeal=sanction.state == CaseState.DECIDED and is_before(sanction.appeal_until, session.now),
        words=words,
    )
