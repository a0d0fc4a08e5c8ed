"""The papers of a case: making one with its number, and its service (送达), from which the person's time runs."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from core.clock import SHANGHAI
from core.db.locks import one_at_a_time
from core.db.session import PersonSession
from core.domain.calendar import due_after
from core.errors import Conflict, Invalid
from core.sanctions.models import SanctionCase, SanctionPaper
from core.sanctions.paper_kinds import BY_OFFICE, PaperKind, ServiceWay, served
from core.sanctions.procedure import CaseAction, CaseState
from core.sanctions.steps import CaseSession, DecidingSession, open_case, take
from core.sanctions.telling import tell_person
from core.tenancy.models import Office
from core.text import dates
from core.text.form_texts import checked_text

_PAPER_OF = {CaseState.HEARING: PaperKind.NOTICE, CaseState.DECIDED: PaperKind.DECISION}
_LETTER = {PaperKind.NOTICE: "告", PaperKind.DECISION: "决"}
_DEADLINE = {PaperKind.NOTICE: "hearing_until", PaperKind.DECISION: "appeal_until"}


def issue(
    session: DecidingSession, sanction: SanctionCase, kind: PaperKind, *, days: int, number: str
) -> SanctionPaper:
    """Make the paper of a step, with the number that the office gives it, or the next of its own.

    Invalid for a number that another paper of the office has.
    """
    one_at_a_time(session, f"sanction_papers/{session.office_id}")
    paper = SanctionPaper(
        case_id=sanction.id,
        paper=kind,
        office_id=session.office_id,
        number=_number(session, kind, checked_text(number, field="number")),
        days=days,
        issued_at=session.now,
        issued_by=session.actor.account_id,
    )
    session.add(paper)
    session.flush()
    return paper


def serve(session: DecidingSession, case_id: UUID, *, way: ServiceWay, day: date) -> SanctionCase:
    """Record that the paper that waits for it was served, and when: the person's time runs from that day.

    Invalid for a way that the person takes themselves, or a day before the paper was made or after today; Conflict
    where nothing waits to be served.
    """
    sanction = open_case(session, case_id)
    if way not in BY_OFFICE:
        raise Invalid("service_way", "请选择直接送达、邮寄送达或公告送达；登录签收由当事人本人办理。", at="way")
    paper = _waiting(session, sanction)
    issued = paper.issued_at.astimezone(SHANGHAI).date()
    moment = served(way, day, issued=issued, today=session.now.astimezone(SHANGHAI).date())
    paper.served_at = moment
    _served(session, sanction, paper, way, words=f"{way.label}，{dates.day(day)}")
    tell_person(session, sanction, CaseAction.SERVE)
    return sanction


def receive(session: PersonSession, case_id: UUID) -> SanctionCase:
    """Sign for the paper that waits, as the person who has signed in; Conflict where none does."""
    sanction = open_case(session, case_id)
    sign_for(session, sanction)
    return sanction


def sign_for(session: PersonSession, sanction: SanctionCase) -> None:
    """The same for a case that is at hand: who answers a paper has received it."""
    paper = _waiting(session, sanction)
    paper.served_at = session.now
    _served(session, sanction, paper, ServiceWay.PAGE, words=ServiceWay.PAGE.label)


def waiting(session: CaseSession, sanction: SanctionCase) -> SanctionPaper | None:
    """The paper that waits to be served in the case's present state; None where none does."""
    kind = _PAPER_OF.get(CaseState(sanction.state))
    paper = None if kind is None else session.get(SanctionPaper, (sanction.id, kind.value))
    return None if paper is None or paper.served_at is not None else paper


def _waiting(session: CaseSession, sanction: SanctionCase) -> SanctionPaper:
    paper = waiting(session, sanction)
    if paper is None:
        raise Conflict("paper_served", "没有待送达的文书，或已经送达并登记。请刷新页面查看期限。")
    return paper


def _served(session: CaseSession, sanction: SanctionCase, paper: SanctionPaper, way: ServiceWay, *, words: str) -> None:
    assert paper.served_at is not None  # noqa: S101 - both callers have set it
    paper.way, paper.recorded_at, paper.recorded_by = way, session.now, session.actor.account_id
    until = due_after(paper.served_at, paper.days).at
    kind = PaperKind(paper.paper)
    take(session, sanction, CaseAction.SERVE, f"{kind.label}：{words}", **{_DEADLINE[kind]: until})


def _number(session: DecidingSession, kind: PaperKind, given: str) -> str:
    """The number of a paper: as the office gives it, else the next of its year in a series of the system's own."""
    ours = select(SanctionPaper.number).where(SanctionPaper.office_id == session.office_id, SanctionPaper.paper == kind)
    known = set(session.scalars(ours))
    if given in known:
        raise Invalid("number_taken", f"文号“{given}”已经用过。请核对后改正，或留空由系统编号。", at="number")
    if given:
        return given
    office = session.get_one(Office, session.office_id).short_name
    year = session.now.astimezone(SHANGHAI).year
    series = f"{office}工考{_LETTER[kind]}〔{year}〕"
    return next(number for count in range(1, len(known) + 2) if (number := f"{series}{count}号") not in known)
