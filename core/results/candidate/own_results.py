"""One candidate's results, as far as the reader may see them: PostgreSQL leaves out the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from core.applications.queries import ReaderSession, application
from core.results.models.corrections import MarkCorrection, ScoreCheck
from core.results.models.marks import Mark, Outcome
from core.seasons.queries import subjects_by_grade


@dataclass(frozen=True, slots=True)
class Results:
    """Marks in the notice's order of subjects, the outcome where the reader may know it, and the checks asked for.

    ``corrections`` are the decided ones that a check of these asked for, by the check.
    """

    marks: Sequence[Mark]
    outcome: Outcome | None
    checks: Sequence[ScoreCheck]
    corrections: Mapping[UUID, MarkCorrection]


def results_of(session: ReaderSession, application_id: UUID) -> Results:
    """The results of a case that is the session's; NotFound for any other."""
    case = application(session, application_id)
    order = subjects_by_grade(session, case.year).get(case.grade or 0, [])
    marks = session.scalars(select(Mark).where(Mark.application_id == case.id)).all()
    checks = select(ScoreCheck).where(ScoreCheck.application_id == case.id).order_by(ScoreCheck.asked_at.desc())
    decided = select(MarkCorrection).where(
        MarkCorrection.application_id == case.id,
        MarkCorrection.score_check_id.is_not(None),
        MarkCorrection.state != "asked",
    )
    return Results(
        sorted(marks, key=lambda mark: order.index(mark.subject) if mark.subject in order else len(order)),
        session.get(Outcome, case.id),
        session.scalars(checks).all(),
        {found.score_check_id: found for found in session.scalars(decided) if found.score_check_id is not None},
    )
