"""Questions to an office (咨询) by pages: the applicant's own, and those that an office answers."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.applications import queries
from core.db.session import OfficeSession, PersonSession
from core.domain.workflow import NOT_LIVE, State
from core.errors import Invalid
from core.reviews.inquiries import service as inquiries
from core.reviews.inquiries.service import MOST_A_DAY, MOST_OPEN
from core.tenancy.queries import offices
from core.web.dependencies import OfOffice, OfPerson
from core.web.guards import APPLICANTS, REVIEWERS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

INQUIRY_STATES = {"open": ("待答复", "waits"), "answered": ("已答复", "done")}


@page("/my/inquiries", roles=APPLICANTS)
def own_inquiries_page(
    request: AnyRequest,
    session: OfPerson,
    about: Annotated[str, QueryParameter(max_length=40, description="咨询的是哪一份申报。")] = "",
) -> Response[str]:
    """The person's own questions with their answers, and the form for another."""
    return _own(request, session, given={"about": about})


@form("/my/inquiries", roles=APPLICANTS)
def ask(request: AnyRequest, session: OfPerson, data: Sent) -> Response[Any]:
    """Ask the office in charge of an application, or an office that is chosen."""
    with attempt(request, session) as tried:
        about = _id(str(data.get("about") or ""))
        office, question = str(data.get("office") or "") or None, str(data.get("question") or "")
        inquiries.ask(session, question=question, application_id=about, office_id=office)
        return see("/my/inquiries?sent=1")
    return _own(request, session, tried=tried, given=data)


@page("/inquiries", roles=REVIEWERS)
def inquiries_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The questions that wait for the office, the oldest first, with their age; and the latest answers."""
    return _desk(request, session)


@form("/inquiries/{inquiry_id:uuid}", roles=REVIEWERS)
def answer(request: AnyRequest, session: OfOffice, inquiry_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Answer a question."""
    written = str(data.get("answer") or "")
    with attempt(request, session) as tried:
        inquiries.answer(session, inquiry_id, answer=written)
        return see("/inquiries")
    return _desk(request, session, tried=tried, answered=inquiry_id, written=written)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid("inquiry_about", "请从列表中选择咨询的是哪一份申报，或选择一般问题。", at="about") from None


def _own(
    request: AnyRequest, session: PersonSession, *, given: dict[str, Any], tried: Attempt | None = None
) -> Response[str]:
    mine, known = queries.mine(session), offices(session)
    cases = [case for case in mine if State(case.state) not in NOT_LIVE - {State.DRAFT, State.REJECTED}]
    return render(
        request,
        session,
        "reviews/own_inquiries.html",
        tried=tried,
        given=given,
        inquiries=inquiries.own_inquiries(session),
        references={case.id: case.reference for case in mine},
        names={office.id: office.name for office in known},
        cases=[(str(case.id), f"{case.year}年度的申报（{case.reference}）") for case in cases],
        offices=[(office.id, office.name) for office in known if not office.practice],
        states=INQUIRY_STATES,
        limits=(MOST_OPEN, MOST_A_DAY),
    )


def _desk(
    request: AnyRequest,
    session: OfficeSession,
    *,
    tried: Attempt | None = None,
    answered: UUID | None = None,
    written: str = "",
) -> Response[str]:
    return render(
        request,
        session,
        "reviews/inquiries.html",
        tried=tried,
        rows=inquiries.inquiries(session),
        states=INQUIRY_STATES,
        answered=answered,
        written=written,
    )
