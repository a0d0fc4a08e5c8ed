"""Absence as a result: 缺考 from the door lists alone, and the differences between them and a table of marks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, insert, select, tuple_

from core.applications.models import Application
from core.applications.queries import are_candidates
from core.db.session import OfficeSession
from core.plugin_api import Grade, MarkStatus
from core.results.marks.contradictions import Differs, Key, absent_by_the_list, contradictions
from core.results.marks.telling import tell_of_absences, told_at_entry
from core.results.models.marks import Mark, MarkImport, MarkImportRow, Outcome
from core.scheduling.exam_day.door_lists import door_notes
from core.scheduling.exam_day.presence import Presence, presences
from core.seasons.queries import subjects_by_grade
from core.tenancy.config.results import ResultsTable


@dataclass(frozen=True, slots=True)
class Named:
    """A difference with the candidate's number and name, for the people who compare."""

    differs: Differs
    reference: str
    person_name: str


def by_the_list() -> ColumnElement[bool]:
    """The condition on marks: 缺考 by the door list alone, which may still give way to a table or to a late phone."""
    published = select(Outcome.application_id).where(
        Outcome.application_id == Mark.application_id, Outcome.published_at.is_not(None)
    )
    return and_(Mark.import_id.is_(None), Mark.correction_id.is_(None), ~published.exists())


def present_in(session: OfficeSession, year: int) -> dict[Key, Presence]:
    """The presence of each candidate in each subject, by the office's door lists of a year."""
    return presences(door_notes(session, year), now=session.now)


def differences(session: OfficeSession, year: int, table: Mapping[Key, MarkStatus]) -> tuple[Differs, ...]:
    """The differences between a table of marks and the door lists."""
    notes = door_notes(session, year)
    if not notes:
        return ()
    wanted = select(Mark.application_id, Mark.subject).where(
        Mark.office_id == session.office_id, Mark.year == year, ~by_the_list()
    )
    standing = {(row[0], row[1]) for row in session.execute(wanted)}
    return contradictions(table, standing, notes, presences(notes, now=session.now))


def named(session: OfficeSession, differs: Sequence[Differs]) -> list[Named]:
    """Differences with numbers and names, ordered by number and subject."""
    wanted = select(Application.id, Application.reference, Application.person_name).where(
        Application.id.in_({difference.application_id for difference in differs})
    )
    people = {row.id: row for row in session.execute(wanted)}
    listed = [
        Named(difference, people[difference.application_id].reference, people[difference.application_id].person_name)
        for difference in differs
    ]
    return sorted(listed, key=lambda line: (line.reference, line.differs.subject))


def note_absences(session: OfficeSession, year: int, *, grades: Collection[Grade], rules: ResultsTable) -> int:
    """Give 缺考 to the candidates of these grades whom the door list has as absent and who have no other mark.

    An earlier 缺考 that the list no longer shows is taken back. Where the province tells marks before the list, the
    candidates are told. Returns how many marks stand by the list.
    """
    subjects = subjects_by_grade(session, year)
    wanted = select(Application.id, Application.grade).where(are_candidates(session.office_id, year, grades))
    examined = {row.id: subjects.get(row.grade, []) for row in session.execute(wanted)}
    before, standing = _marks(session, year)
    absent = absent_by_the_list(examined, standing, present_in(session, year))
    _take_back(session, {key for key in before - absent if key[0] in examined})
    rows = [
        {
            "application_id": application_id,
            "subject": subject,
            "office_id": session.office_id,
            "year": year,
            "mark": None,
            "status": MarkStatus.ABSENT.value,
            "import_id": None,
            "known_at": session.now,
            "told_at": told_at_entry(session, rules),
        }
        for application_id, subject in sorted(absent - before, key=str)
    ]
    if rows:
        session.execute(insert(Mark), rows)
        tell_of_absences(session, year, absent - before, rules)
    return len(absent)


def give_way(session: OfficeSession, made: MarkImport) -> None:
    """Delete 缺考 by the door list alone wherever a confirmed table brings a mark."""
    brought = select(MarkImportRow.application_id, MarkImportRow.subject).where(MarkImportRow.import_id == made.id)
    here = tuple_(Mark.application_id, Mark.subject).in_(brought)
    session.execute(delete(Mark).where(Mark.office_id == session.office_id, by_the_list(), here))


def _marks(session: OfficeSession, year: int) -> tuple[set[Key], set[Key]]:
    """The marks by the door list alone, and all others."""
    ours = select(Mark.application_id, Mark.subject, by_the_list().label("by_the_list")).where(
        Mark.office_id == session.office_id, Mark.year == year
    )
    listed: tuple[set[Key], set[Key]] = set(), set()
    for row in session.execute(ours):
        listed[0 if row.by_the_list else 1].add((row.application_id, row.subject))
    return listed


def _take_back(session: OfficeSession, keys: Iterable[tuple[UUID, str]]) -> None:
    gone = sorted(keys, key=str)
    if gone:
        here = tuple_(Mark.application_id, Mark.subject).in_(gone)
        session.execute(delete(Mark).where(Mark.office_id == session.office_id, by_the_list(), here))
