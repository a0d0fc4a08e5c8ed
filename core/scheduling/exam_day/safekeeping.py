"""The register of safe-keeping after an exam: recordings, papers, answer data, marks, their keepers, places and terms.

Source: 2024 notice §4(3): 考试试题及成绩和答题信息、考试现场监控录像等资料的存储备份和安全保密. The records lie
elsewhere; the register holds their digests, so that they can be identified. Kaowu holds no exam questions.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.rows import own_row
from core.db.session import OfficeSession, ScopedSession
from core.errors import Conflict, Invalid, NotFound
from core.scheduling.access import must_be_on_site
from core.scheduling.models.exam_day import CustodyEntry, CustodyHandover
from core.scheduling.sites.service import own_site
from core.scheduling.sittings.service import own_sitting
from core.seasons.queries import check_not_ended
from core.text import dates
from core.text.labels import Labelled
from core.text.names import readable


class Kept(Labelled):
    """What is kept."""

    RECORDING = "recording", "考试现场监控录像"
    PAPER = "paper", "纸质资料（签到表、考场记录等）"
    ANSWERS = "answers", "答题信息"
    MARKS = "marks", "成绩数据"
    REGISTRATION = "registration", "网上报名信息备份"
    OTHER = "other", "其他"


KEPT_NAMES: Mapping[Kept, str] = {kept: kept.label for kept in Kept}


@dataclass(frozen=True, slots=True)
class CustodyForm:
    """The data of a kept record; ``digest`` is the SHA-256 of a file, empty for paper."""

    kind: Kept
    title: str
    keeper: str
    place: str
    keep_until: date
    digest: str = ""
    sitting_id: UUID | None = None
    site_id: UUID | None = None


def take_into_custody(session: OfficeSession, year: int, form: CustodyForm) -> CustodyEntry:
    """Register a record that is kept safe from now on.

    Invalid where title, keeper or place is missing, the term is over already, or a file has no digest.
    """
    must_be_on_site(session)
    check_not_ended(session, year)
    _check(session, form)
    entry = CustodyEntry(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        taken_at=session.now,
        registered_by=session.actor.account_id,
        **{**asdict(form), "kind": form.kind.value, "keeper": readable(form.keeper)},
    )
    session.add(entry)
    session.flush()
    payload = {"kind": entry.kind, "digest": entry.digest, "keep_until": entry.keep_until.isoformat()}
    audit.record_on(session, entry, "custody.registered", **payload)
    return entry


def hand_over(session: OfficeSession, entry_id: UUID, *, to_keeper: str, to_place: str, reason: str) -> CustodyHandover:
    """Hand a record over to another keeper or place; the chain stays. Conflict once the keeping has ended."""
    must_be_on_site(session)
    entry = _entry(session, entry_id)
    missing = {
        name: "请填写"
        for name, value in (("to_keeper", to_keeper), ("to_place", to_place), ("reason", reason))
        if not value.strip()
    }
    if missing:
        raise Invalid("handover_incomplete", "请填写接收人、存放地点和移交原因。", fields=missing)
    handover = CustodyHandover(
        id=new_id(),
        office_id=entry.office_id,
        entry_id=entry.id,
        from_keeper=entry.keeper,
        to_keeper=readable(to_keeper),
        to_place=to_place.strip(),
        reason=reason.strip(),
        handed_at=session.now,
        handed_by=session.actor.account_id,
    )
    session.add(handover)
    entry.keeper, entry.place = handover.to_keeper, handover.to_place
    session.flush()
    audit.record_on(session, entry, "custody.handed_over", handover=str(handover.id))
    return handover


def end_custody(session: OfficeSession, entry_id: UUID, *, how: str) -> CustodyEntry:
    """End the keeping of a record: disposed of, or filed for good. Conflict before its term is over."""
    must_be_on_site(session)
    entry = _entry(session, entry_id)
    if not how.strip():
        raise Invalid("how_required", "请写明处置方式（如销毁、移交档案馆）和依据。", fields={"how": "请填写"})
    if session.now.astimezone(SHANGHAI).date() <= entry.keep_until:
        raise Conflict("kept_until", f"该资料须保管至{dates.day(entry.keep_until)}，未到期不能处置。")
    entry.ended_at, entry.ended_how = session.now, how.strip()
    session.flush()
    audit.record_on(session, entry, "custody.ended")
    return entry


def custody_of(session: ScopedSession, office_id: str, year: int) -> Sequence[CustodyEntry]:
    """The register of an office for a year's exams, the latest entry first."""
    wanted = select(CustodyEntry).where(CustodyEntry.office_id == office_id, CustodyEntry.year == year)
    return session.scalars(wanted.order_by(CustodyEntry.taken_at.desc(), CustodyEntry.id.desc())).all()


def handovers_of(session: ScopedSession, entry_ids: Sequence[UUID]) -> dict[UUID, list[CustodyHandover]]:
    """The chain of keepers of each entry, oldest first."""
    found: dict[UUID, list[CustodyHandover]] = {entry_id: [] for entry_id in entry_ids}
    wanted = select(CustodyHandover).where(CustodyHandover.entry_id.in_(entry_ids)).order_by(CustodyHandover.id)
    for handover in session.scalars(wanted):
        found[handover.entry_id].append(handover)
    return found


def _check(session: OfficeSession, form: CustodyForm) -> None:
    missing = {name: "请填写" for name in ("title", "keeper", "place") if not getattr(form, name).strip()}
    if missing:
        raise Invalid("custody_incomplete", "请填写资料名称、保管人和存放地点。", fields=missing)
    if form.keep_until < session.now.astimezone(SHANGHAI).date():
        raise Invalid("keep_until_past", "保管期限已过，请改正。", fields={"keep_until": "请改正"})
    if not re.fullmatch(r"([0-9a-f]{64})?", form.digest) or (form.kind is not Kept.PAPER and not form.digest):
        message = "电子资料须填写文件的SHA-256校验值（64位小写十六进制），以便日后核对；纸质资料可不填。"
        raise Invalid("digest_required", message, at="digest")
    if form.sitting_id is not None:
        own_sitting(session, form.sitting_id)
    if form.site_id is not None:
        own_site(session, form.site_id)


def _entry(session: OfficeSession, entry_id: UUID) -> CustodyEntry:
    refusal = NotFound("custody_not_found", "没有找到该保管登记，或者它不属于本机构。")
    entry = own_row(session, CustodyEntry, entry_id, refusal, locked=True)
    if entry.ended_at is not None:
        raise Conflict("custody_over", "该资料的保管已经结束。")
    return entry
