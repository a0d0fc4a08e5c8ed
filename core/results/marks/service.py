"""Taking marks in: one person hands in a table, another confirms it, and nothing is taken in by halves.

The first person reads every fault of the table by its row. The second compares the digest of the rows as they were read
with their own copy, and the figures by subject. Every later change is a correction.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, delete, insert, literal, select

from core.applications.models import Application
from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.rows import own_row
from core.db.session import OfficeSession, Permission
from core.domain.workflow import State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.plugin_api import MarkStatus
from core.results.marks.absences import Named, by_the_list, differences, give_way, named
from core.results.marks.comparison import Mismatch, mismatches
from core.results.marks.contradictions import Contradiction, Differs
from core.results.marks.reading import Reading, ReadMark, digest_of_marks, judge_table, statuses, table_of
from core.results.marks.table import MarkTable
from core.results.marks.telling import tell_of_table, tell_of_withdrawal, told_at_entry
from core.results.models.marks import Mark, MarkImport, MarkImportRow, Outcome
from core.seasons.queries import check_not_ended
from core.tenancy.config.results import ResultsTable

_NAMED_AT_MOST: Final = 5
_NO_REASONS: Final[Mapping[UUID, str]] = {}


@dataclass(frozen=True, slots=True)
class Proposal:
    """The result of handing a table in: ``made`` is None where a row has a fault."""

    reading: Reading
    made: MarkImport | None


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a table was read from: its name, and its digest as hexadecimal digits."""

    file_name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class OwnFile:
    """The second person's file: its digest as hexadecimal digits, and whether they say that they got it by themselves.

    A program that compares for itself has no file and leaves both out.
    """

    sha256: str = ""
    got_independently: bool = False


_NO_FILE: Final = OwnFile()


def propose_import(
    session: OfficeSession,
    content: bytes,
    *,
    year: int,
    file_name: str,
    titles: Mapping[str, str] | None = None,
    without_names: bool = False,
) -> Proposal:
    """Hand a table in for the second person; with a faulty row nothing is kept and every fault is told.

    Raises Conflict for a table that has been handed in already; Invalid for one that names no candidate, unless
    ``without_names`` says that it is meant so.
    """
    check_not_ended(session, year)
    table = table_of(session, content, year=year, titles=titles)
    source = Source(file_name, hashlib.sha256(content).hexdigest())
    return propose_table(session, table, year=year, source=source, without_names=without_names)


def propose_table(
    session: OfficeSession, table: MarkTable, *, year: int, source: Source, without_names: bool = False
) -> Proposal:
    """Hand in a table that has been read, as ``propose_import`` does."""
    check_not_ended(session, year)
    reading = judge_table(session, table, year=year)
    if reading.faults:
        return Proposal(reading, None)
    if not reading.has_names and not without_names:
        raise Invalid(
            "marks_no_names",
            "表中没有找到“姓名”一列，无法核对编号与姓名是否一致。请加上姓名列后重新上传；"
            "确实没有姓名、只按编号对应的，请勾选“这张表没有姓名”。",
            at="without_names",
        )
    _check_not_handed_in(session, year, reading.digest)
    made = MarkImport(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        file_name=source.file_name,
        sha256=source.sha256,
        digest=reading.digest,
        rows=len(reading.marks),
        figures=[asdict(figure) for figure in reading.figures],
        proposed_at=session.now,
        proposed_by=session.actor.account_id,
        proposed_on_behalf=session.actor.on_behalf_of,
        proposed_by_name=session.actor.name,
    )
    session.add(made)
    session.flush()
    session.execute(insert(MarkImportRow), [_row(made, mark) for mark in reading.marks])
    audit.record_on(session, made, "marks.proposed")
    return Proposal(reading, made)


def confirm_import(
    session: OfficeSession,
    import_id: UUID,
    *,
    digest: str,
    rules: ResultsTable,
    file: OwnFile = _NO_FILE,
    reasons: Mapping[UUID, str] = _NO_REASONS,
) -> MarkImport:
    """Take the marks in: by another person, who gives the ``digest`` of their own copy of the table.

    ``reasons`` say for each candidate why the table counts against the door list. The candidates are told, now or with
    the list, as the province says. Raises Forbidden for the person who handed the table in; Invalid for another digest,
    a missing reason, or the first person's file; Conflict where the table no longer fits the cases and marks.
    """
    made = _import(session, import_id)
    if made.state != "proposed":
        raise Conflict("marks_decided", "这批成绩已经处理过，不能再次复核。请刷新页面查看结果。")
    _check_second_person(session, made)
    rows = _rows_of(session, made)
    if not digest or digest != made.digest or digest != digest_of_marks(rows):
        text = "复核的成绩与导入的成绩不一致。请核对两份表格，如有错误请退回重新导入。"
        raise Invalid("marks_differ", text, at="digest")
    made.same_file = _is_same_file(made, file)
    _check_still_fits(session, made)
    differs = differences(session, made.year, statuses(rows))
    made.contradictions = _settled(differs, reasons)
    _decide(session, made, "confirmed")
    give_way(session, made)
    taken = select(
        MarkImportRow.application_id,
        MarkImportRow.subject,
        MarkImportRow.office_id,
        literal(made.year),
        MarkImportRow.mark,
        MarkImportRow.status,
        MarkImportRow.import_id,
        literal(session.now),
        literal(told_at_entry(session, rules), DateTime(timezone=True)),
    ).where(MarkImportRow.import_id == made.id)
    columns = ["application_id", "subject", "office_id", "year", "mark", "status", "import_id", "known_at", "told_at"]
    session.execute(insert(Mark).from_select(columns, taken))
    audit.record_on(session, made, "marks.confirmed", contradictions=len(differs), same_file=made.same_file)
    tell_of_table(session, made, rules)
    return made


def compared(session: OfficeSession, import_id: UUID, own: Sequence[ReadMark]) -> list[Mismatch]:
    """Where the second person's own copy differs from a waiting table; empty for the first person, and once decided."""
    made = _import(session, import_id, lock=False)
    if made.state != "proposed" or session.actor.account_id == made.proposed_by:
        return []
    return mismatches(_rows_of(session, made), own)


def contradicting(session: OfficeSession, import_id: UUID) -> list[Named]:
    """The differences between a waiting table and the door lists as they are now; empty once it is decided."""
    made = _import(session, import_id, lock=False)
    if made.state != "proposed":
        return []
    return named(session, differences(session, made.year, statuses(_rows_of(session, made))))


@dataclass(frozen=True, slots=True)
class Settled:
    """A difference as it was settled with the confirmation."""

    reference: str
    subject: str
    how: Contradiction
    reason: str


def settled(session: OfficeSession, made: MarkImport) -> list[Settled]:
    """How the differences of a confirmed table were settled, by candidate and subject."""
    ids = {UUID(contradiction["application"]) for contradiction in made.contradictions}
    rows = session.execute(select(Application.id, Application.reference).where(Application.id.in_(ids)))
    numbers = {str(row.id): row.reference for row in rows}
    listed = [
        Settled(
            numbers[contradiction["application"]],
            contradiction["subject"],
            Contradiction(contradiction["how"]),
            contradiction["reason"],
        )
        for contradiction in made.contradictions
    ]
    return sorted(listed, key=lambda line: (line.reference, line.subject))


def withdraw_import(session: OfficeSession, import_id: UUID, *, reason: str) -> MarkImport:
    """Send a table back: an unconfirmed one by any examiner, a confirmed one by a supervisor before publication.

    The marks that it brought go with it, and the outcomes that followed from them. The office is told, and so are the
    candidates who knew their marks.
    """
    made = _import(session, import_id)
    if not reason.strip():
        raise Invalid("reason_missing", "请写明退回或撤销的原因。", at="reason")
    if made.state == "withdrawn":
        raise Conflict("marks_decided", "这批成绩已经退回。请刷新页面查看结果。")
    confirmed = made.state == "confirmed"
    if confirmed and Permission.SUPERVISE not in session.actor.may_change:
        raise Forbidden("marks_confirmed", "已复核的成绩须由监管人员撤销。请联系本机构监管人员。")
    candidates = select(Mark.application_id).where(Mark.import_id == made.id)
    known = session.scalars(candidates.where(Mark.told_at.is_not(None)).distinct()).all()
    if confirmed:
        _check_not_locked(session, made)
    _decide(session, made, "withdrawn", remark=reason.strip())
    if confirmed:
        session.execute(delete(Outcome).where(Outcome.application_id.in_(candidates)))
        session.execute(delete(Mark).where(Mark.import_id == made.id))
    audit.record_on(session, made, "marks.withdrawn")
    _tell_of_withdrawal(session, made, known)
    return made


def _tell_of_withdrawal(session: OfficeSession, made: MarkImport, known: Sequence[UUID]) -> None:
    """Tell the office, whose examiner handed the table in, and the candidates who knew its marks."""
    kind, reason = "marks_withdrawn", f"原因：{made.remark.rstrip('。')}。"
    notify(
        session,
        Recipient(office_id=made.office_id),
        event_key=f"{kind}:{made.id}",
        office_id=made.office_id,
        kind=kind,
        title="成绩表被退回",
        body=f"{made.proposed_by_name}导入的“{made.file_name}”（{made.rows}条）已退回。{reason}请核对后重新导入。",
    )
    tell_of_withdrawal(session, known, reason=reason, event_key=f"{kind}:{made.id}")


def imports(session: OfficeSession, year: int) -> Sequence[MarkImport]:
    """Every table that was handed in for a year, the latest first."""
    wanted = select(MarkImport).where(MarkImport.office_id == session.office_id, MarkImport.year == year)
    return session.scalars(wanted.order_by(MarkImport.proposed_at.desc())).all()


def _rows_of(session: OfficeSession, made: MarkImport) -> list[ReadMark]:
    """The stored marks of a table, so that the digest is of exactly these."""
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


def _row(made: MarkImport, mark: ReadMark) -> dict[str, Any]:
    return {
        "import_id": made.id,
        "application_id": mark.application_id,
        "subject": mark.subject,
        "office_id": made.office_id,
        "mark": mark.mark,
        "status": mark.status.value,
        "row": mark.row,
    }


def _import(session: OfficeSession, import_id: UUID, *, lock: bool = True) -> MarkImport:
    refusal = NotFound("marks_not_found", "没有找到这批成绩。请返回列表重新选择。")
    return own_row(session, MarkImport, import_id, refusal, locked=lock)


def _check_second_person(session: OfficeSession, made: MarkImport) -> None:
    """PostgreSQL refuses another account of the same person, and their deputy (``guard_second_person``)."""
    if {session.actor.account_id, session.actor.on_behalf_of} & {made.proposed_by, made.proposed_on_behalf} - {None}:
        raise Forbidden("second_person", "成绩须由导入人以外的另一人复核。请由本机构另一名考评人员办理。")


def _is_same_file(made: MarkImport, file: OwnFile) -> bool:
    """Whether the second copy is the first person's file; Invalid unless the second person got it by themselves.

    A system that exports twice may give the same bytes, but so does a colleague who passes their file on.
    """
    if file.sha256 != made.sha256:
        return False
    if not file.got_independently:
        raise Invalid(
            "own_copy_is_the_same_file",
            f"您上传的文件与{made.proposed_by_name}导入的是同一个文件，不能算另一人独立核对。请用您自己登记或另行导出的成绩表；"
            "确实是您本人另行导出、内容恰好相同的，请勾选后重新上传。",
            at="got_independently",
        )
    return True


def _check_not_handed_in(session: OfficeSession, year: int, digest: str) -> None:
    # Of two requests at once, the second waits here until it can see the table of the first.
    one_at_a_time(session, f"marks/{session.office_id}/{year}/{digest}")
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
    """Conflict where a candidate is no longer qualified, or another table has brought the same marks."""
    rows = (
        select(Application.reference)
        .join(MarkImportRow, MarkImportRow.application_id == Application.id)
        .where(MarkImportRow.import_id == made.id)
        .distinct()
        .limit(_NAMED_AT_MOST)
    )
    gone = session.scalars(rows.where(Application.state != State.QUALIFIED)).all()
    same = (Mark.application_id == MarkImportRow.application_id) & (Mark.subject == MarkImportRow.subject)
    twice = session.scalars(rows.join(Mark, same).where(~by_the_list())).all()
    if gone or twice:
        named = "、".join((gone or twice)[:_NAMED_AT_MOST])
        what = "已不是合格考生" if gone else "已有成绩"
        raise Conflict("marks_outdated", f"{named}等{what}，这批成绩不能整批复核。请退回后重新导入。")


def _settled(differs: Sequence[Differs], reasons: Mapping[UUID, str]) -> list[dict[str, str]]:
    """Every difference with the reason why the table counts; Invalid where a reason is missing."""
    unsettled = {
        difference.application_id for difference in differs if not reasons.get(difference.application_id, "").strip()
    }
    if unsettled:
        text = f"成绩表与入场登记有{len(unsettled)}人不一致。请逐人核实并写明以成绩表为准的理由，或退回重新导入。"
        fields = {f"reason_{candidate}": "请写明理由" for candidate in sorted(unsettled, key=str)}
        raise Invalid("contradictions_unsettled", text, fields=fields)
    return [
        {
            "application": str(difference.application_id),
            "subject": difference.subject,
            "how": difference.how.value,
            "reason": reasons[difference.application_id].strip(),
        }
        for difference in differs
    ]


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
