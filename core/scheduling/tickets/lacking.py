"""Published plans in which somebody has a seat and no ticket, and could have one."""

from datetime import datetime

from sqlalchemy import Select, select

from core.applications.models import Application
from core.domain.workflow import State
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.models.training import TrainingEnrolment
from core.scheduling.plans.room_sheets import live_seats


def lacking_tickets(office_id: str, now: datetime) -> Select[int]:
    """The year of each published plan of an office with a candidate whose ticket is still to be issued.

    Left out are those to whom no ticket is issued: not qualified, with an open deferral, or enrolled in a course that
    they have not attended. A sitting that has begun waits for no ticket.
    """
    held = select(AdmissionTicket.id).where(
        AdmissionTicket.application_id == Seat.application_id, AdmissionTicket.voided_at.is_(None)
    )
    in_training = select(TrainingEnrolment.id).where(
        TrainingEnrolment.application_id == Seat.application_id,
        TrainingEnrolment.withdrawn_at.is_(None),
        TrainingEnrolment.attended.is_not(True),
    )
    seated = (
        select(Seat.id)
        .join(Sitting, Sitting.id == Seat.sitting_id)
        .join(Application, Application.id == Seat.application_id)
        .where(
            Seat.plan_id == Plan.id,
            live_seats(),
            Sitting.starts_at > now,
            Application.office_id == office_id,
            Application.state == State.QUALIFIED,
            ~Application.deferral_open,
            ~held.exists(),
            ~in_training.exists(),
        )
    )
    return select(Plan.year).where(Plan.office_id == office_id, Plan.state == "published", seated.exists())
