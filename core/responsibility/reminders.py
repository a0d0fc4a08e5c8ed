"""What the worker reminds an office of each day: plans for emergencies, and findings of patrols."""

from core.db.session import SystemSession
from core.responsibility.patrols.findings import remind_of_findings
from core.responsibility.plans import remind_of_plans
from core.tenancy.offices import Offices


def remind_of_duties(session: SystemSession, *, year: int, offices: Offices) -> None:
    """Remind the office of what its duties in a season still ask of it."""
    remind_of_plans(session, year=year, offices=offices)
    remind_of_findings(session, year=year, offices=offices)
