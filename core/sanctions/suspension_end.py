"""The end of a suspension: with its case, whichever way that ends, and for nobody to decide by itself."""

from sqlalchemy import select

from core.applications.models import Application
from core.audit import service as audit
from core.audit.dependents import Change, changed
from core.db.session import OfficeSession, ProvinceSession
from core.domain.consequences import Fact
from core.domain.workflow import ADMITTED, State
from core.messages.service import Recipient, notify
from core.sanctions.models import SanctionCase, Suspension
from core.sanctions.telling import OWN_PAGE
from core.scheduling.plans.notices import exam_is_over


def lift_with_case(session: OfficeSession | ProvinceSession, sanction: SanctionCase, *, reason: str) -> None:
    """Lift the suspension of a case that has ended: the ticket comes back where the exam is still to come.

    The person is told unless they are disqualified, which they are told by itself. Nothing where none is in force.
    """
    suspension = session.scalar(
        select(Suspension).where(Suspension.case_id == sanction.id, Suspension.lifted_at.is_(None)).with_for_update()
    )
    if suspension is None:
        return
    suspension.lifted_at, suspension.lifted_by = session.now, session.actor.account_id
    suspension.lift_reason = reason.strip()
    session.flush()
    audit.record_on(session, suspension, "suspension.lifted")
    application = session.get_one(Application, suspension.application_id, populate_existing=True)
    if State(application.state) in ADMITTED:
        over = exam_is_over(session, application.id)
        onwards = "您的成绩、公示和证书继续办理" if over else "您可以按安排参加考核"
        notify(
            session,
            Recipient(person_id=application.person_id),
            event_key=f"suspension.lifted:{suspension.id}",
            office_id=suspension.office_id,
            kind="suspension_lifted",
            title="暂停考核已解除",
            body=f"{onwards}。{OWN_PAGE}",
            application_id=application.id,
        )
    changed(session, Change(Fact.SUSPENSION, applications=(application.id,), reason="暂停考核已解除"))
