"""Taking marks in: one person hands in a table, another confirms it, and nothing is taken in by halves.

The first reads every fault of the table by its row. The second compares the digest of what was understood with their
own copy, and the figures by subject. Whatever comes after that is a correction.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, literal, select

from core.applications.models import Application
from core.applications.workflow import STATE_LABELS, State
from core.audit import service as audit
from core.db.base import new_id
from core.db.session import OfficeSession, Permission
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.plugin_api import MarkStatus
from core.results.mark_table import Entry, TableRow, WrongMark, read_mark, read_table
from core.results.models import Mark, MarkImport, MarkImportRow, Outcome
from core.scheduling.ticket_models import AdmissionTicket
from core.seasons.queries import subjects_by_grade

_NAMED_AT_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class ReadMark:
    """One mark as it was understood: whose, in what, and in which row it stands."""

    application_id: UUID
    reference: str
    subject: str
    mark: Decimal | None = field(repr=False)
    status: MarkStatus
    row: int


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one row, for the examiner: ``candidate`` is the number that stands there."""

    row: int
    candidate: str
    text: str


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
    """A table as it was understood. With ``faults`` nothing of it can be taken in."""

    marks: tuple[ReadMark, ...]
    faults: tuple[RowFault, ...]
    ignored: tuple[str, ...]
    digest: str

    @property
    def figures(self) -> list[SubjectFigures]:
        """The figures by subject, in the order of the subjects' names."""
        return figures(self.marks)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What became of a table that was handed in: ``made`` is None where something is wrong with a row."""

    reading: Reading
    made: MarkImport | None


def read_marks(
    session: OfficeSession, content: bytes, *, year: int, titles: Mapping[str, str] | None = None
) -> Reading:
    """What a table says, every fault named by its row; nothing is kept.

    ``titles`` maps columns with unusual titles. Raises Invalid for a file that is no table of marks at all.
    """
    by_grade = subjects_by_grade(session, year)
    subjects = list(dict.fromkeys(subject for those in by_grade.values() for subject in those))
    table = read_table(content, subjects, titles)
    known = _candidates(session, year, {row.candidate for row in table.rows})
    there = _marks_of(session, [one.id for one in known.values()])
    reader = _Reader(known, by_grade, there)
    for row in table.rows:
        reader.take(row)
    marks = tuple(sorted(reader.marks, key=lambda one: (one.reference, one.subject)))
    return Reading(marks, tuple(reader.faults), table.ignored, _digest(marks))


def propose_import(
    session: OfficeSession, content: bytes, *, year: int, file_name: str, titles: Mapping[str, str] | None = None
) -> Proposal:
    """Hand a table in for the second person; where a row is wrong nothing is kept and every fault is told.

    Raises Conflict for a table that has been handed in already.
    """
    reading = read_marks(session, content, year=year, titles=titles)
    if reading.faults:
        return Proposal(reading, None)
    _check_not_handed_in(session, year, reading.digest)
    made = MarkImport(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        file_name=file_name,
        sha256=hashlib.sha256(content).hexdigest(),
        digest=reading.digest,
        rows=len(reading.marks),
        figures=[asdict(one) for one in reading.figures],
        proposed_at=session.now,
        proposed_by=session.actor.account_id,
        proposed_on_behalf=session.actor.on_behalf_of,
        proposed_by_name=session.actor.name,
    )
    session.add(made)
    session.flush()
    session.execute(insert(MarkImportRow), [_row(made, one) for one in reading.marks])
    _record(session, "marks.proposed", made)
    return Proposal(reading, made)


def confirm_import(session: OfficeSession, import_id: UUID, *, digest: str) -> MarkImport:
    """Take the marks in: by another person, who gives the ``digest`` that their own copy of the table came to.

    Raises Forbidden for the one who handed it in, Invalid for another digest, Conflict where the table no longer fits
    what is there.
    """
    made = _import(session, import_id)
    if made.state != "proposed":
        raise Conflict("marks_decided", "这批成绩已经处理过，不能再次复核。请刷新页面查看结果。")
    _check_second_person(session, made)
    if not digest or digest != made.digest or digest != _digest(_rows_of(session, made)):
        text = "复核的成绩与导入的成绩不一致。请核对两份表格，如有错误请退回重新导入。"
        raise Invalid("marks_differ", text, fields={"digest": text})
    _check_still_fits(session, made)
    _decide(session, made, "confirmed")
    taken = select(
        MarkImportRow.application_id,
        MarkImportRow.subject,
        MarkImportRow.office_id,
        literal(made.year),
        MarkImportRow.mark,
        MarkImportRow.status,
        MarkImportRow.import_id,
        literal(session.now),
    ).where(MarkImportRow.import_id == made.id)
    columns = ["application_id", "subject", "office_id", "year", "mark", "status", "import_id", "known_at"]
    session.execute(insert(Mark).from_select(columns, taken))
    _record(session, "marks.confirmed", made)
    return made


def withdraw_import(session: OfficeSession, import_id: UUID, *, reason: str) -> MarkImport:
    """Send a table back: an unconfirmed one by any examiner, a confirmed one by a supervisor before publication.

    The marks that it brought go with it, and the outcomes that followed from them.
    """
    made = _import(session, import_id)
    if not reason.strip():
        text = "请写明退回或撤销的原因。"
        raise Invalid("reason_missing", text, fields={"reason": text})
    if made.state == "withdrawn":
        raise Conflict("marks_decided", "这批成绩已经退回。请刷新页面查看结果。")
    confirmed = made.state == "confirmed"
    if confirmed and Permission.SUPERVISE not in session.actor.may_change:
        raise Forbidden("marks_confirmed", "已复核的成绩须由监管人员撤销。请联系本机构监管人员。")
    candidates = select(Mark.application_id).where(Mark.import_id == made.id)
    if confirmed:
        _check_not_locked(session, made)
    _decide(session, made, "withdrawn", remark=reason.strip())
    if confirmed:
        session.execute(delete(Outcome).where(Outcome.application_id.in_(candidates)))
        session.execute(delete(Mark).where(Mark.import_id == made.id))
    _record(session, "marks.withdrawn", made)
    return made


def imports(session: OfficeSession, year: int) -> Sequence[MarkImport]:
    """Every table that was handed in for a year, the latest first."""
    wanted = select(MarkImport).where(MarkImport.office_id == session.office_id, MarkImport.year == year)
    return session.scalars(wanted.order_by(MarkImport.proposed_at.desc())).all()


def figures(marks: Sequence[ReadMark]) -> list[SubjectFigures]:
    """How many of each kind a subject has, its lowest and highest mark, and the sum of all."""
    by_subject: defaultdict[str, list[ReadMark]] = defaultdict(list)
    for one in marks:
        by_subject[one.subject].append(one)
    return [_figures(subject, those) for subject, those in sorted(by_subject.items())]


class _Reader:
    """Goes through the rows once and collects marks and faults."""

    def __init__(
        self,
        known: Mapping[str, Any],
        subjects: Mapping[int, Sequence[str]],
        there: frozenset[tuple[UUID, str]],
    ) -> None:
        self._known, self._subjects, self._there = known, subjects, there
        self._seen: dict[tuple[str, str], int] = {}
        self.marks: list[ReadMark] = []
        self.faults: list[RowFault] = []

    def take(self, row: TableRow) -> None:
        """Take the marks of a row, or say what is wrong with it."""
        fault = self._whose(row)
        texts = [fault] if fault else [text for entry in row.entries if (text := self._entry(row, entry))]
        if not fault and not row.entries:
            texts = ["没有任何成绩，也没有注明缺考、作废或违纪"]
        self.faults.extend(RowFault(row.number, row.candidate, text) for text in texts)

    def _whose(self, row: TableRow) -> str:
        """What is wrong with the candidate of a row; empty where they are known."""
        if not row.candidate:
            return "没有填写申报编号"
        found = self._known.get(row.candidate)
        if found is None:
            return "编号不存在，或不是本机构的考生"
        if found.state != State.QUALIFIED:
            return f"不是合格考生，目前状态为“{STATE_LABELS[State(found.state)]}”"
        if row.name and row.name != found.person_name:
            return f"姓名“{row.name}”与编号不符"
        return ""

    def _entry(self, row: TableRow, entry: Entry) -> str:
        """Take one subject; what is wrong with it, else nothing."""
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
        Mark.office_id == session.office_id, Mark.application_id.in_(candidates)
    )
    return frozenset((row.application_id, row.subject) for row in session.execute(wanted))


def _rows_of(session: OfficeSession, made: MarkImport) -> list[ReadMark]:
    """The marks of a table as they are kept, so that the digest is of these and no others."""
    wanted = (
        select(MarkImportRow, Application.reference)
        .join(Application, Application.id == MarkImportRow.application_id)
        .where(MarkImportRow.import_id == made.id)
        .order_by(Application.reference, MarkImportRow.subject)
    )
    return [
        ReadMark(row.application_id, reference, row.subject, row.mark, MarkStatus(row.status), row.row)
        for row, reference in session.execute(wanted)
    ]


def _digest(marks: Sequence[ReadMark]) -> str:
    """What two people compare: SHA-256 of the marks by number and subject, however the file was laid out."""
    listed = [(one.reference, one.subject, str(one.mark), one.status.value) for one in marks]
    return audit.digest_of(sorted(listed)).hex()


def _figures(subject: str, marks: Sequence[ReadMark]) -> SubjectFigures:
    points = [one.mark for one in marks if one.mark is not None]
    count = {status: sum(one.status is status for one in marks) for status in MarkStatus}
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


def _row(made: MarkImport, one: ReadMark) -> dict[str, Any]:
    return {
        "import_id": made.id,
        "application_id": one.application_id,
        "subject": one.subject,
        "office_id": made.office_id,
        "mark": one.mark,
        "status": one.status.value,
        "row": one.row,
    }


def _import(session: OfficeSession, import_id: UUID) -> MarkImport:
    wanted = select(MarkImport).where(MarkImport.id == import_id, MarkImport.office_id == session.office_id)
    found = session.scalar(wanted.with_for_update())
    if found is None:
        raise NotFound("marks_not_found", "没有找到这批成绩。请返回列表重新选择。")
    return found


def _check_second_person(session: OfficeSession, made: MarkImport) -> None:
    """The same person's other account, or their deputy, PostgreSQL refuses (``guard_second_person``)."""
    if {session.actor.account_id, session.actor.on_behalf_of} & {made.proposed_by, made.proposed_on_behalf} - {None}:
        raise Forbidden("second_person", "成绩须由导入人以外的另一人复核。请由本机构另一名考评人员办理。")


def _check_not_handed_in(session: OfficeSession, year: int, digest: str) -> None:
    wanted = select(MarkImport.proposed_by_name).where(
        MarkImport.office_id == session.office_id,
        MarkImport.year == year,
        MarkImport.digest == digest,
        MarkImport.state != "withdrawn",
    )
    before = session.scalar(wanted)
    if before is not None:
        raise Conflict("marks_handed_in", f"相同的成绩已由{before}导入，等待或已经复核。无需重复导入。")


def _check_still_fits(session: OfficeSession, made: MarkImport) -> None:
    """Since it was handed in, a case may have left the list and another table may have brought the same marks."""
    rows = (
        select(Application.reference)
        .join(MarkImportRow, MarkImportRow.application_id == Application.id)
        .where(MarkImportRow.import_id == made.id)
        .distinct()
        .limit(_NAMED_AT_MOST)
    )
    gone = session.scalars(rows.where(Application.state != State.QUALIFIED)).all()
    same = (Mark.application_id == MarkImportRow.application_id) & (Mark.subject == MarkImportRow.subject)
    twice = session.scalars(rows.join(Mark, same)).all()
    if gone or twice:
        named = "、".join((gone or twice)[:_NAMED_AT_MOST])
        what = "已不是合格考生" if gone else "已有成绩"
        raise Conflict("marks_outdated", f"{named}等{what}，这批成绩不能整批复核。请退回后重新导入。")


def _check_not_locked(session: OfficeSession, made: MarkImport) -> None:
    ours = Mark.import_id == made.id
    published = select(Mark.subject).join(Outcome, Outcome.application_id == Mark.application_id)
    locked = session.scalar(published.where(ours, Outcome.published_at.is_not(None)).limit(1))
    corrected = session.scalar(select(Mark.subject).where(ours, Mark.correction_id.is_not(None)).limit(1))
    if locked is not None or corrected is not None:
        raise Conflict("marks_locked", "这批成绩已经公布或更正过，不能整批撤销。确有错误的，请逐人办理成绩更正。")


def _decide(session: OfficeSession, imported: MarkImport, state: str, *, remark: str = "") -> None:
    imported.state, imported.remark = state, remark
    imported.decided_at, imported.decided_by = session.now, session.actor.account_id
    imported.decided_by_name = session.actor.name
    session.flush()


def _record(session: OfficeSession, kind: str, made: MarkImport) -> None:
    audit.record(
        session,
        kind,
        office_id=made.office_id,
        subject_type="mark_import",
        subject_id=made.id,
        payload={"digest": made.digest, "sha256": made.sha256, "rows": made.rows, "year": made.year},
    )
