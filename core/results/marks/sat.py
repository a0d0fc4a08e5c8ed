"""The candidates whose marks are still to come, for the table in which they are entered: who sat, subject by subject.

A number that did not sit has no line: a mark typed beside it would be somebody else's. Who missed a subject by the door
list has 缺考 in it already. Where no list says anything, nobody is left out, and the table says so.
"""

from dataclasses import dataclass, field

from sqlalchemy import select

from core.applications.models import Application
from core.applications.queries import are_candidates
from core.db.session import OfficeSession
from core.domain.pass_rules import STATUS_LABELS
from core.plugin_api import Grade, MarkStatus
from core.results.marks.absences import by_the_list, present_in
from core.results.models.marks import Mark
from core.scheduling.exam_day.presence import Presence
from core.seasons.queries import subjects_by_grade


@dataclass(frozen=True, slots=True)
class ToEnter:
    """A line of the table: a candidate, and what stands in each subject already: nothing, 缺考, or a dash for none."""

    reference: str
    name: str
    grade: int
    cells: dict[str, str] = field(default_factory=dict)
    unsettled: bool = False
    """Whether no door list says of a subject that they came or did not."""


def to_enter(session: OfficeSession, year: int) -> list[ToEnter]:
    """The candidates with a subject whose mark is to come, by number; who missed every subject is left out."""
    subjects, present = subjects_by_grade(session, year), present_in(session, year)
    marked = select(Mark.application_id, Mark.subject).where(
        Mark.office_id == session.office_id, Mark.year == year, ~by_the_list()
    )
    there = {(row.application_id, row.subject) for row in session.execute(marked)}
    wanted = select(Application.id, Application.reference, Application.person_name, Application.grade).where(
        are_candidates(session.office_id, year, tuple(Grade))
    )
    found = []
    for candidate in session.execute(wanted.order_by(Application.reference)):
        to_come = [subject for subject in subjects.get(candidate.grade, ()) if (candidate.id, subject) not in there]
        came = {subject: present.get((candidate.id, subject), Presence.UNKNOWN) for subject in to_come}
        if set(came.values()) - {Presence.ABSENT}:
            cells = {
                subject: STATUS_LABELS[MarkStatus.ABSENT] if noted is Presence.ABSENT else ""
                for subject, noted in came.items()
            }
            unsettled = Presence.UNKNOWN in came.values()
            found.append(ToEnter(candidate.reference, candidate.person_name, candidate.grade, cells, unsettled))
    return found
