"""Reading a table of marks: its candidates, every fault by its row, and the differences from the door lists."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application
from core.audit import service as audit
from core.db.session import OfficeSession
from core.domain.workflow import STATE_LABELS, State
from core.plugin_api import MarkStatus
from core.results.marks.absences import by_the_list, differences
from core.results.marks.contradictions import Differs
from core.results.marks.table import Entry, MarkTable, TableRow, WrongMark, read_mark, read_table
from core.results.models.marks import Mark
from core.scheduling.models.tickets import AdmissionTicket
from core.seasons.queries import subjects_by_grade
from core.text import names
from core.text.filled_tables import RowFault
from core.text.understood import Understood


@dataclass(frozen=True, slots=True)
class ReadMark:
    """One mark as it was read: candidate, subject, and the number of its row."""

    application_id: UUID
    reference: str
    subject: str
    mark: Decimal | None = field(repr=False)
    status: MarkStatus
    row: int


@dataclass(frozen=True, slots=True)
class SubjectFigures:
    """The figures of one subject, which two people compare."""

    subject: str
    scored: int
    absent: int
    void: int
    violation: int
    lowest: str
    highest: str
    total: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A table as it was read. With ``faults`` nothing of it can be taken in.

    Where it ``differs`` from the door lists, the second person has to give reasons.
    """

    marks: tuple[ReadMark, ...]
    faults: tuple[RowFault, ...]
    understood: Understood
    digest: str
    differs: tuple[Differs, ...] = ()
    has_names: bool = True

    @property
    def ignored(self) -> tuple[str, ...]:
        """The titles that mean nothing here."""
        return self.understood.ignored

    @property
    def figures(self) -> list[SubjectFigures]:
        """The figures by subject, in the order of the subjects' names."""
        return figures(self.marks)


def read_marks(
    session: OfficeSession, content: bytes, *, year: int, titles: Mapping[str, str] | None = None
) -> Reading:
    """Read a table, every fault named by its row; nothing is kept.

    ``titles`` maps columns with unusual titles. Raises Invalid for a file that is no table of marks at all.
    """
    return judge_table(session, table_of(session, content, year=year, titles=titles), year=year)


def table_of(
    session: OfficeSession, content: bytes, *, year: int, titles: Mapping[str, str] | None = None
) -> MarkTable:
    """The rows of a table as they are written, before any candidate is looked for."""
    by_grade = subjects_by_grade(session, year)
    subjects = list(dict.fromkeys(subject for examined in by_grade.values() for subject in examined))
    return read_table(content, subjects, titles)


def judge_table(session: OfficeSession, table: MarkTable, *, year: int) -> Reading:
    """The marks of a table and every fault by its row."""
    by_grade = subjects_by_grade(session, year)
    known = _candidates(session, year, {row.candidate for row in table.rows})
    there = _marks_of(session, [candidate.id for candidate in known.values()])
    reader = _Reader(known, by_grade, there)
    for row in table.rows:
        reader.take(row)
    marks = tuple(sorted(reader.marks, key=lambda mark: (mark.reference, mark.subject)))
    differs = () if reader.faults else differences(session, year, statuses(marks))
    faults = tuple(reader.faults)
    return Reading(marks, faults, table.understood, digest_of_marks(marks), differs, table.has_names)


def statuses(marks: Sequence[ReadMark]) -> dict[tuple[UUID, str], MarkStatus]:
    """The status of each candidate and subject in a table."""
    return {(mark.application_id, mark.subject): mark.status for mark in marks}


def figures(marks: Sequence[ReadMark]) -> list[SubjectFigures]:
    """How many of each kind a subject has, its lowest and highest mark, and the sum of all."""
    by_subject: defaultdict[str, list[ReadMark]] = defaultdict(list)
    for mark in marks:
        by_subject[mark.subject].append(mark)
    return [_figures(subject, of_subject) for subject, of_subject in sorted(by_subject.items())]


def digest_of_marks(marks: Sequence[ReadMark]) -> str:
    """The digest that two people compare: SHA-256 of the marks by number and subject, whatever the file's layout."""
    listed = [(mark.reference, mark.subject, str(mark.mark), mark.status.value) for mark in marks]
    return audit.digest_of(sorted(listed)).hex()


class _Reader:
    """Goes through the rows once and collects marks and faults."""

    def __init__(
        self, known: Mapping[str, Any], subjects: Mapping[int, Sequence[str]], there: frozenset[tuple[UUID, str]]
    ) -> None:
        self._known, self._subjects, self._there = known, subjects, there
        self._seen: dict[tuple[str, str], int] = {}
        self.marks: list[ReadMark] = []
        self.faults: list[RowFault] = []

    def take(self, row: TableRow) -> None:
        """Take the marks of a row, or note its faults."""
        fault = "；".join(row.faults) or self._whose(row)
        texts = [fault] if fault else [text for entry in row.entries if (text := self._entry(row, entry))]
        if not fault and not row.entries:
            texts = ["没有任何成绩，也没有注明缺考、作废或违纪"]
        self.faults.extend(RowFault(row.number, row.candidate, text) for text in texts)

    def _whose(self, row: TableRow) -> str:
        """The fault of a row's candidate; empty where there is none."""
        if not row.candidate:
            return "没有填写申报编号"
        found = self._known.get(row.candidate)
        if found is None:
            return "编号不存在，或不是本机构的考生"
        if found.state != State.QUALIFIED:
            return f"不是合格考生，目前状态为“{STATE_LABELS[State(found.state)]}”"
        if row.name and not names.same(row.name, found.person_name):
            return f"姓名“{row.name}”与编号不符"
        return ""

    def _entry(self, row: TableRow, entry: Entry) -> str:
        """Take the mark of one subject; the answer is its fault, or empty."""
        candidate = self._known[row.candidate]
        if entry.subject not in self._subjects.get(candidate.grade, ()):
            return "" if entry.implied else f"{entry.subject or '（空）'}不是该等级的考试科目"
        first = self._seen.setdefault((candidate.reference, entry.subject), row.number)
        if first != row.number:
            return f"{entry.subject}与第{first}行重复"
        if (candidate.id, entry.subject) in self._there:
            return f"{entry.subject}已有成绩，如需更改请办理成绩更正"
        try:
            mark, status = read_mark(entry)
        except WrongMark as wrong:
            return f"{entry.subject}：{wrong}"
        read = ReadMark(candidate.id, candidate.reference, entry.subject, mark, status, row.number)
        self.marks.append(read)
        return ""


def _candidates(session: OfficeSession, year: int, numbers: set[str]) -> dict[str, Any]:
    """The office's own cases by the number that stands in the table: of the case, or of the ticket in force."""
    columns = (Application.id, Application.reference, Application.person_name, Application.grade, Application.state)
    ours = (Application.office_id == session.office_id) & (Application.year == year)
    by_case = select(*columns).where(ours, Application.reference.in_(numbers))
    found: dict[str, Any] = {row.reference: row for row in session.execute(by_case)}
    in_force = AdmissionTicket.number.in_(numbers - found.keys()) & AdmissionTicket.voided_at.is_(None)
    by_ticket = (
        select(*columns, AdmissionTicket.number)
        .join(AdmissionTicket, AdmissionTicket.application_id == Application.id)
        .where(ours, AdmissionTicket.office_id == session.office_id, in_force)
    )
    return found | {row.number: row for row in session.execute(by_ticket)}


def _marks_of(session: OfficeSession, candidates: Sequence[UUID]) -> frozenset[tuple[UUID, str]]:
    wanted = select(Mark.application_id, Mark.subject).where(
        Mark.office_id == session.office_id, Mark.application_id.in_(candidates), ~by_the_list()
    )
    return frozenset((row.application_id, row.subject) for row in session.execute(wanted))


def _figures(subject: str, marks: Sequence[ReadMark]) -> SubjectFigures:
    points = [mark.mark for mark in marks if mark.mark is not None]
    count = {status: sum(mark.status is status for mark in marks) for status in MarkStatus}
    return SubjectFigures(
        subject=subject,
        scored=count[MarkStatus.SCORED],
        absent=count[MarkStatus.ABSENT],
        void=count[MarkStatus.VOID],
        violation=count[MarkStatus.VIOLATION],
        lowest=str(min(points, default="")),
        highest=str(max(points, default="")),
        total=str(sum(points, Decimal(0))),
    )
