"""A case's whole story as one dated list of sentences: each act with its actor, place, reason and proof.

Each entry of the record is a line. An entry holds ids alone; the other words of its line are read from the tables of
the acts, so that text erased there is missing here as well. Notices are lines without proof.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from core.applications.models import Application
from core.applications.queries import ReaderSession, application
from core.audit.events import EVENTS
from core.audit.models import RecordEntry, RecordSeal
from core.audit.service import record
from core.db.session import ROLE_LABELS, PersonSession, ProvinceSession, Role, UnitSession
from core.identity.models import Account
from core.messages.models import Notice
from core.oversight.case_history_details import Detail, details_of
from core.tenancy.models import Office

INSIDE = frozenset(
    {"application.inspected", "document.downloaded", "sample.upheld", "sample.correction_ordered", "sample.overturned"}
)
"""Events of supervision, for offices alone. An applicant and a unit read all others."""


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One event. ``batch`` and ``position`` say where the entry is sealed; None until then.

    ``who`` is empty where the reader may not know the name: role and place are always there.
    """

    at: datetime
    event: str
    label: str
    sentence: str
    who: str
    on_behalf_of: str
    role: str
    place: str
    reason: str
    entry_id: UUID | None
    batch: int | None
    position: int | None


def tell_story(session: ReaderSession, application_id: UUID) -> list[StoryLine]:
    """The lines of a case that its reader may see, oldest first. NotFound where the case is not the session's.

    A supervisor's reading leaves an entry, which is the story's next line; every request of an auditor does so, too.
    """
    case = application(session, application_id)
    lines = _lines(session, case)
    if isinstance(session, ProvinceSession):
        record(
            session, "application.inspected", office_id=case.office_id, subject_type="application", subject_id=case.id
        )
    return lines


def _lines(session: ReaderSession, case: Application) -> list[StoryLine]:
    entries = _entries(session, case.id)
    details = details_of(session, case)
    names = {**_names(session, entries), **details.names}
    offices = {row.id: row.name for row in session.execute(select(Office.id, Office.name))}
    hidden = INSIDE if isinstance(session, PersonSession | UnitSession) else frozenset()
    lines = [_line(entry, details.of(entry, offices), names, offices) for entry in entries if entry.kind not in hidden]
    return sorted([*lines, *_notices(session, case.id, offices)], key=lambda line: line.at)


def _entries(session: ReaderSession, application_id: UUID) -> list[Row[Any]]:
    entry = RecordEntry
    wanted = (
        select(
            *(entry.id, entry.at, entry.kind, entry.office_id, entry.account_id, entry.role, entry.on_behalf_of),
            *(entry.payload, RecordSeal.batch, RecordSeal.position),
        )
        .join_from(entry, RecordSeal, RecordSeal.entry_id == entry.id, isouter=True)
        .where(entry.subject_type == "application", entry.subject_id == str(application_id))
        .order_by(entry.at, entry.id)
    )
    return list(session.execute(wanted).all())


def _names(session: ReaderSession, entries: list[Row[Any]]) -> dict[UUID, str]:
    """The names of accounts that the reader may see."""
    wanted = {entry.account_id for entry in entries} | {entry.on_behalf_of for entry in entries}
    known = session.execute(select(Account.id, Account.name).where(Account.id.in_(wanted - {None})))
    return {row.id: row.name for row in known}


def _line(entry: Row[Any], detail: Detail, names: dict[UUID, str], offices: dict[str, str]) -> StoryLine:
    label, role = EVENTS[entry.kind].label, Role(entry.role)
    who = "" if role is Role.SYSTEM else names.get(entry.account_id, "")
    absent = "" if entry.on_behalf_of is None else names.get(entry.on_behalf_of, "同事")
    place = detail.place or ("" if role is Role.APPLICANT else offices.get(entry.office_id, ""))
    return StoryLine(
        at=entry.at,
        event=entry.kind,
        label=label,
        sentence=_sentence(_actor(who, absent, role, place), label, detail),
        who=who,
        on_behalf_of=absent,
        role=ROLE_LABELS[role],
        place=place,
        reason=detail.reason,
        entry_id=entry.id,
        batch=entry.batch,
        position=entry.position,
    )


def _actor(who: str, absent: str, role: Role, place: str) -> str:
    """Such as 清河市考核办市级审查人员测试甲代测试乙."""
    acting = f"{who} 代 {absent}" if absent else who
    return f"{place}{ROLE_LABELS[role]}{acting}"


def _sentence(actor: str, label: str, detail: Detail) -> str:
    said = f"{actor}：{label}"
    if detail.about:
        said += f"，{detail.about}"
    if detail.reason:
        said += f"。理由：{detail.reason.rstrip('。')}"
    return f"{said}。"


def _notices(session: ReaderSession, application_id: UUID, offices: dict[str, str]) -> list[StoryLine]:
    notices = session.scalars(select(Notice).where(Notice.application_id == application_id))
    return [
        StoryLine(
            at=notice.created_at,
            event="notice",
            label="发出通知",
            sentence=f"{offices.get(notice.office_id, '')}发出通知：{notice.title}。",
            who="",
            on_behalf_of="",
            role=ROLE_LABELS[Role.SYSTEM],
            place=offices.get(notice.office_id, ""),
            reason="",
            entry_id=None,
            batch=None,
            position=None,
        )
        for notice in notices
    ]
