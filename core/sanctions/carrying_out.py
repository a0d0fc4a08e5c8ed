"""Carrying out a final decision: qualification, outcome, line of the list, certificate and ban, in one transaction."""

from sqlalchemy import func, select

from core.applications.consequences import barred_by
from core.applications.models import Application
from core.audit import service as audit
from core.audit.dependents import reached
from core.db.session import ScopedSession
from core.domain.consequences import Effect, Issued
from core.domain.workflow import Action, By, State, allowed_actions
from core.results.awards.certificates import revoke_of_application
from core.results.models.awards import PublicationEntry
from core.results.models.marks import Outcome
from core.reviews.service import annul, disqualify
from core.sanctions.models import SanctionCase, SanctionPaper
from core.sanctions.paper_kinds import PaperKind
from core.sanctions.procedure import CaseAction, CaseKind
from core.sanctions.service import impose_ban
from core.sanctions.steps import DecidingSession
from core.sanctions.suspension_end import lift_with_case
from core.sanctions.telling import tell_person, tell_unit
from core.tenancy.offices import Offices
from core.text import dates


def carry_measures_out(session: DecidingSession, sanction: SanctionCase, offices: Offices) -> None:
    """Carry out the measures of a final decision, and tell the person and the unit."""
    application = session.get_one(Application, sanction.application_id)
    reason = ground_in_words(session, sanction)
    if sanction.kind == CaseKind.ERROR:
        annul(session, application.id, offices=offices, reason=reason)
    if sanction.disqualifies and Action.DISQUALIFY in allowed_actions(State(application.state), {By.CITY_OR_PROVINCE}):
        disqualify(session, application.id, offices=offices, reason=reason)
    if sanction.revokes and revoke_of_application(session, application.id, reason=reason) is not None:
        reached(session, Issued.CERTIFICATE, Effect.VOID)
    _note_annulled(session, sanction)
    if sanction.ban_years and sanction.ban_begins is not None:
        impose_ban(session, sanction, person_id=application.person_id)
    lift_with_case(session, sanction, reason="处理决定已生效")
    tell_person(session, sanction, CaseAction.CARRY_OUT)
    tell_unit(session, sanction)


def ground_in_words(session: ScopedSession, sanction: SanctionCase) -> str:
    """What is said wherever the decision takes effect: that there is one, by its number; what happened stands in it."""
    paper = session.get(SanctionPaper, (sanction.id, PaperKind.DECISION.value))
    word = "处理决定" if sanction.kind == CaseKind.VIOLATION else "审查更正决定"
    return f"{word}已生效" + (f"（{paper.number}）" if paper is not None else "")


def may_be_annulled(session: ScopedSession, application: Application) -> bool:
    """Whether results, a list or a certificate stand against a review again, so that an error asks for an annulment."""
    standing = {"published", "listed", "certificate"}
    return application.state == State.QUALIFIED and barred_by(session, application.id, Action.REOPEN) in standing


def measures_in_words(sanction: SanctionCase) -> list[str]:
    """The measures of a decision, as people read them."""
    if sanction.kind == CaseKind.ERROR and sanction.revokes:
        return ["撤销审查结论和考核结果", "撤出合格人员名单", "撤销并收回已取得的证书", "重新审查"]
    said = []
    if sanction.disqualifies:
        said.append("取消当年申报资格")
    if sanction.ban_years and sanction.ban_begins is not None:
        said.append(f"自{dates.day(sanction.ban_begins)}起{sanction.ban_years}年内禁止申报")
    if sanction.revokes:
        said.append("撤销并收回已取得的证书")
    return said


def _note_annulled(session: DecidingSession, sanction: SanctionCase) -> None:
    """Record the outcome that PostgreSQL annulled with the move, and count what went with it."""
    session.expire_all()
    ours = {"application_id": sanction.application_id}
    outcome = session.scalar(select(Outcome).filter_by(**ours).where(Outcome.annulled_at == session.now))
    if outcome is not None:
        audit.record(
            session,
            "outcome.annulled",
            office_id=sanction.office_id,
            subject_type="application",
            subject_id=sanction.application_id,
            payload={"case": str(sanction.id)},
        )
        reached(session, Issued.OUTCOME, Effect.VOID)
    struck = select(func.count()).select_from(PublicationEntry).filter_by(**ours)
    reached(
        session,
        Issued.LIST_LINE,
        Effect.VOID,
        session.scalar(struck.where(PublicationEntry.struck_at == session.now)) or 0,
    )
