"""Carrying out a final decision: qualification, outcome, line of the list, certificate and ban, in one transaction."""

from sqlalchemy import func, select

from core.applications.consequences import barred_by
from core.applications.models import Application
from core.audit import service as audit
from core.audit.dependents import reached
from core.db.session import OfficeSession, ProvinceSession, ScopedSession
from core.domain.consequences import Effect, Issued
from core.domain.workflow import Action, By, State, allowed_actions
from core.messages.service import Recipient, notify
from core.results.awards.certificates import revoke_of_application
from core.results.models.awards import PublicationEntry
from core.results.models.marks import Outcome
from core.reviews.service import annul, disqualify
from core.sanctions.models import SanctionCase
from core.sanctions.procedure import CaseAction, CaseKind
from core.sanctions.service import impose_ban
from core.sanctions.suspension_end import lift_with_case
from core.tenancy.offices import Offices
from core.text import dates

DecidingSession = OfficeSession | ProvinceSession


def carry_measures_out(session: DecidingSession, sanction: SanctionCase, offices: Offices) -> None:
    """Carry out the measures of a final decision, and tell the person and the unit."""
    application = session.get_one(Application, sanction.application_id)
    reason = sanction.facts
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
    body = f"决定已生效：{'；'.join(measures_in_words(sanction))}。理由：{reason}。"
    tell_person(
        session,
        sanction,
        CaseAction.CARRY_OUT,
        title="违规处理决定已生效" if sanction.kind == CaseKind.VIOLATION else "审查更正决定已生效",
        body=f"{body}有异议的，可向上级工考管理机构反映。",
    )
    notify(
        session,
        Recipient(unit_id=application.unit_id),
        event_key=f"sanction.carry_out.unit:{sanction.id}",
        office_id=sanction.office_id,
        kind="sanction_unit",
        title=f"{application.person_name}（{application.reference}）的决定已生效",
        body=body,
        application_id=application.id,
    )


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


def tell_person(session: ScopedSession, sanction: SanctionCase, action: CaseAction, *, title: str, body: str) -> None:
    """Tell the person of a step, once."""
    application = session.get_one(Application, sanction.application_id)
    notify(
        session,
        Recipient(person_id=application.person_id),
        event_key=f"sanction.{action}:{sanction.id}",
        office_id=sanction.office_id,
        kind=f"sanction_{action}",
        title=title,
        body=body,
        application_id=application.id,
    )


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
