"""All acts of all capabilities on one province."""

from tests.histories.appeals import Appeals
from tests.histories.assignment import Assignments
from tests.histories.awards import Awards
from tests.histories.days import Clock
from tests.histories.delegation import Delegations
from tests.histories.exam_day import ExamDay
from tests.histories.exams import Exams
from tests.histories.filings import Filings
from tests.histories.identity import Identities
from tests.histories.inquiries import Inquiries
from tests.histories.papers import Papers
from tests.histories.responsibility import Responsibility
from tests.histories.results import Results
from tests.histories.sanctions import Sanctions
from tests.histories.units import Units
from tests.histories.years import Years


class Life(
    *(Clock, Papers, Units, Assignments, Appeals, Inquiries, Delegations, Identities),
    *(Exams, ExamDay, Results, Awards, Sanctions, Filings, Responsibility, Years),
):
    """A province in which everything can happen."""


__all__ = ["Life"]
