"""The notes of a phone against what is known at the server: what each is answered, and what is written for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from core.db.base import new_id
from core.db.session import OfficeSession
from core.scheduling.exam_day import admission, void_arrivals
from core.scheduling.exam_day.notes import Expected, Note, NoteAnswer, NoteKind
from core.scheduling.exam_day.presence import SENT_LATE
from core.scheduling.models.exam_day import Attendance
from core.scheduling.models.sittings import Sitting
from core.scheduling.void_tickets import VoidTicket, void_by_number
from core.text import dates

OPENS_BEFORE: Final = timedelta(hours=3)
"""How long before a sitting its door opens."""
LATEST: Final = timedelta(minutes=5)
"""How far a phone's clock may be ahead of the server's."""
_TURNED_AWAY: Final = "不准入场："
"""Begins the remark on a candidate who was turned away."""

Row = dict[str, object]
Key = tuple[UUID, UUID]
"""A sitting and a candidate."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """An arrival that counts: the id of its note, and its time."""

    client_id: UUID
    noted_at: datetime


class AtDoor:
    """One batch of notes, read against the lists of their sittings; :meth:`write` saves what was accepted."""

    def __init__(
        self,
        session: OfficeSession,
        notes: Sequence[Note],
        sittings: Mapping[UUID, Sitting],
        seated: Sequence[tuple[UUID, Expected]],
    ) -> None:
        self._session = session
        self._sittings = sittings
        self._seated = {(sitting_id, who.application_id): who for sitting_id, who in seated}
        self._people = {(sitting_id, who.number): who for sitting_id, who in seated if who.number}
        unexpected = {note.number for note in notes if (note.sitting_id, note.number) not in self._people}
        self._void = void_by_number(session, unexpected)
        self._elsewhere = admission.elsewhere(session, unexpected - self._void.keys())
        self._prefixes = admission.prefixes_of([number for _, number in self._people])
        self._written = _written(session, notes)
        self._came = _arrivals(session, [(note.sitting_id, note.number) for note in notes], self._people)
        self._arrived: list[Row] = []
        self._absent: list[Row] = []
        self._contradictions: list[Row] = []

    def answer(self, note: Note) -> NoteAnswer:
        """The answer to a note, which is taken in where it is accepted."""
        if note.noted_by not in {None, self._session.actor.account_id}:
            return NoteAnswer(note.client_id, "not_yours", detail=admission.NOT_YOURS)
        who = self._people.get((note.sitting_id, note.number))
        refusal = self._refusal(note, who)
        void = self._void.get(note.number)
        if refusal is None and who is None and void is not None and _came_before(note, void):
            return self._contradict(note, void)
        if refusal is not None or who is None:
            return NoteAnswer(note.client_id, "refused", detail=refusal or self._unexpected(note, void))
        outcome, detail = self._take(note, who)
        self._written.setdefault(note.client_id, (note.sitting_id, who.application_id))
        return NoteAnswer(note.client_id, outcome, who.person_name, who.room_name, who.seat, detail)

    def write(self) -> None:
        """Write the accepted notes: one row for each candidate and sitting; an arrival overrides an absence."""
        # In one batch both may concern one candidate: the arrival counts, whichever was first.
        if self._absent:
            _write(self._session, self._absent, over=(Attendance.state == "absent") & (Attendance.remark == ""))
        if self._arrived:
            _write(self._session, self._arrived, over=Attendance.state == "absent")
        if self._contradictions:
            void_arrivals.keep(self._session, self._contradictions)

    def recorded(self) -> Iterator[tuple[str, list[Row]]]:
        """What goes on the record, by the kind of the entry."""
        kinds = ("attendance.noted", self._arrived), ("attendance.closed", self._absent)
        for kind, rows in (*kinds, ("attendance.contradicted", self._contradictions)):
            if rows:
                yield kind, rows

    def _take(self, note: Note, who: Expected) -> tuple[str, str]:
        key = note.sitting_id, who.application_id
        came = self._came.get(key)
        if came is not None:
            return "known", "" if came.client_id == note.client_id else _told_of(note, came)
        if note.client_id in self._written:
            return "known", ""
        if note.kind is NoteKind.ARRIVED:
            self._came[key] = _Arrival(note.client_id, note.noted_at)
            self._arrived.append(self._row(note, who))
            return "came", ""
        self._absent.append(self._row(note, who))
        return "absent", ""

    def _contradict(self, note: Note, void: VoidTicket) -> NoteAnswer:
        self._contradictions.append(
            {
                "id": new_id(),
                "office_id": self._session.office_id,
                "sitting_id": note.sitting_id,
                "application_id": void.application_id,
                "number": note.number,
                "voided_at": void.voided_at,
                "client_id": note.client_id,
                "noted_at": note.noted_at,
                "received_at": self._session.now,
                "noted_by": self._session.actor.account_id,
            }
        )
        key = note.sitting_id, void.application_id
        holder = self._seated.get(key)
        if holder is not None and holder.state != "present" and note.client_id not in self._written:
            self._arrived.append(self._row(note, holder))
        detail = f"{void.detail}手机登记在作废之前，已记录在考试日页面：考生如已入场，请立即报告考务负责人处理。"
        return NoteAnswer(note.client_id, "contradicts", void.person_name, detail=detail)

    def _row(self, note: Note, who: Expected) -> Row:
        return {
            "sitting_id": note.sitting_id,
            "application_id": who.application_id,
            "office_id": self._session.office_id,
            "room_id": who.room_id,
            "state": "present" if note.kind is NoteKind.ARRIVED else "absent",
            "way": note.way.value,
            "client_id": note.client_id,
            "noted_at": note.noted_at,
            "received_at": self._session.now,
            "noted_by": self._session.actor.account_id,
            "remark": _TURNED_AWAY + note.reason.strip() if note.kind is NoteKind.REFUSED else "",
        }

    def _refusal(self, note: Note, who: Expected | None) -> str | None:
        sitting, now = self._sittings.get(note.sitting_id), self._session.now
        if sitting is None:
            return "没有这个场次，或者它不属于本机构。"
        if sitting.cancelled_at is not None:
            return "该场次已经取消。"
        if not sitting.starts_at - OPENS_BEFORE <= note.noted_at <= sitting.ends_at:
            return "登记时间不在该场次的入场和考试时间内。请核对场次和手机时间。"
        if note.noted_at > now + LATEST:
            return "手机时间快于标准时间。请校准手机时间后重新登记。"
        if now > sitting.ends_at + SENT_LATE:
            return "该场次结束已久，不能再补传。请联系考务编排人员。"
        if who is not None and self._is_anothers(note, who):
            return "手机给出的登记编号已用于另一名考生，这次没有登记。请刷新页面后重新登记该考生。"
        return _refusal_of_kind(note, sitting)

    def _is_anothers(self, note: Note, who: Expected) -> bool:
        """Whether the id of the note stands for another candidate, of whom nothing is known yet."""
        key = note.sitting_id, who.application_id
        return key not in self._came and self._written.get(note.client_id) not in {None, key}

    def _unexpected(self, note: Note, void: VoidTicket | None) -> str:
        if void is not None:
            return void.detail
        sitting, seats = self._sittings[note.sitting_id], self._elsewhere.get(note.number, [])
        return admission.why_unexpected(note.number, sitting, self._prefixes, seats)


def _refusal_of_kind(note: Note, sitting: Sitting) -> str | None:
    if note.kind is NoteKind.ABSENT and note.noted_at < sitting.starts_at:
        return admission.TOO_SOON_FOR_ABSENCE
    if note.kind is NoteKind.REFUSED and not note.reason.strip():
        return admission.NO_REASON
    return None


def _came_before(note: Note, void: VoidTicket) -> bool:
    return note.kind is NoteKind.ARRIVED and note.noted_at < void.voided_at


def _told_of(note: Note, came: _Arrival) -> str:
    """What an officer reads whose note meets an arrival that another door, or another scan, has noted."""
    when = dates.clock(came.noted_at)
    if note.kind is NoteKind.ARRIVED:
        return (
            f"该考生已于{when}由另一次扫码登记到场。如不是同一人重复扫码，请立即核对身份证原件：可能有人冒用准考证，"
            "并报告考点负责人。"
        )
    return f"该考生已于{when}登记到场，没有改为缺考或不准入场。如确未参加考试，请报告考务负责人在考场情况中写明。"


def _written(session: OfficeSession, notes: Sequence[Note]) -> dict[UUID, Key]:
    """Id of a note that was written before → its sitting and candidate."""
    wanted = select(Attendance.client_id, Attendance.sitting_id, Attendance.application_id)
    rows = session.execute(wanted.where(Attendance.client_id.in_([note.client_id for note in notes])))
    return {row.client_id: (row.sitting_id, row.application_id) for row in rows}


def _arrivals(
    session: OfficeSession, noted: Sequence[tuple[UUID, str]], people: Mapping[tuple[UUID, str], Expected]
) -> dict[Key, _Arrival]:
    """The arrivals that are known of the candidates of these notes."""
    keys = {(key[0], people[key].application_id) for key in noted if key in people}
    wanted = select(Attendance.sitting_id, Attendance.application_id, Attendance.client_id, Attendance.noted_at)
    of_these = tuple_(Attendance.sitting_id, Attendance.application_id).in_(keys)
    rows = session.execute(wanted.where(of_these, Attendance.state == "present"))
    return {(row.sitting_id, row.application_id): _Arrival(row.client_id, row.noted_at) for row in rows}


def _write(session: OfficeSession, rows: Sequence[Row], *, over: ColumnElement[bool]) -> None:
    """One row for each candidate and sitting; it takes the place of one for which ``over`` holds."""
    added = insert(Attendance)
    changed = ("room_id", "state", "way", "client_id", "noted_at", "received_at", "noted_by", "remark")
    session.execute(
        added.on_conflict_do_update(
            index_elements=["sitting_id", "application_id"],
            set_={name: getattr(added.excluded, name) for name in changed},
            where=over,
        ),
        rows,
    )
