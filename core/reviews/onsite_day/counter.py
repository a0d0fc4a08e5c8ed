"""At the counter: a batch found by the code on its roster, what is missing from it, and its originals in bulk."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application, Submission
from core.audit import service as audit
from core.db.session import OfficeSession, ScopedSession, SystemSession
from core.errors import Conflict, Invalid, KaowuError, NotFound
from core.messages.service import Recipient, notify
from core.organizations.models import Unit
from core.reviews import onsite, originals, rosters
from core.reviews.models import OnsiteBatch, OnsiteBatchItem, Original, Roster
from core.text import dates
from core.text.form_texts import checked_text, required_text

LONGEST_HELD: Final = timedelta(days=15)
"""Originals are to be given back in good time (及时退回, 2024 notice §2(5), without a number): half a month is long."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a scanned code: a batch to open, or the reason why there is none."""

    batch_id: UUID | None = None
    said: str = ""
    unit: str = ""


@dataclass(slots=True)
class InBulk:
    """What was done for many cases at once: how many papers, and which cases were refused and why."""

    done: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def find(session: OfficeSession, text: str) -> Found:
    """The batch of a scanned or typed text: a roster's code or digest, a receipt number, or a unit's name.

    Of an old edition of a roster the answer says which edition lies before the office.
    """
    written = text.strip().lower()
    if not written:
        raise Invalid("code_missing", "请扫描名册表右下角的二维码，或输入校验码、回执编号、单位名称。", at="code")
    digest = _DIGEST.search(written)
    if digest is not None:
        return _by_digest(session, digest[0])
    receipt = session.scalar(
        select(OnsiteBatch.id).where(
            OnsiteBatch.office_id == session.office_id, OnsiteBatch.receipt_number == text.strip()
        )
    )
    return Found(receipt) if receipt is not None else _by_unit(session, text.strip())


def _by_digest(session: OfficeSession, digest: str) -> Found:
    wanted = select(Roster).where(Roster.digest == digest).order_by(Roster.version.desc()).limit(1)
    roster = session.scalar(wanted)
    if roster is None:
        return Found(said="没有找到这份名册，或它不属于本机构。请核对单位应到哪个机构办理。")
    unit = str(roster.rows[0]["unit"]) if roster.rows else session.get_one(Unit, roster.unit_id).name
    if roster.kind != rosters.RosterKind.ONSITE:
        return Found(said="这是“网上资格审查通过人员名册表”，现场办理用的是“需现场审查人员名册表”。", unit=unit)
    batch = _latest(session, OnsiteBatch.roster_id == roster.id)
    if batch is not None:
        return Found(batch.id, unit=unit)
    newer = _latest(session, OnsiteBatch.unit_id == roster.unit_id, OnsiteBatch.year == roster.year)
    if newer is not None:
        version = session.get_one(Roster, newer.roster_id).version
        text = f"这是第{roster.version}版，单位在网上提交的是第{version}版。请按第{version}版核对，或请单位换来。"
        return Found(newer.id, text, unit)
    if rosters.is_superseded(session, roster):
        return Found(
            said=f"这是第{roster.version}版，已有新版，且单位还没有在网上提交。请单位重新打印、盖章、提交。", unit=unit
        )
    return Found(said="单位还没有在网上提交这份名册。请单位在“名册和报送”中提交后再接收。", unit=unit)


def _by_unit(session: OfficeSession, name: str) -> Found:
    mine = [Unit.name == name], [Unit.name.contains(name, autoescape=True)]
    for condition in mine:
        wanted = select(OnsiteBatch).join(Unit, Unit.id == OnsiteBatch.unit_id)
        rows = session.scalars(
            wanted.where(OnsiteBatch.office_id == session.office_id, *condition)
            .order_by(OnsiteBatch.handed_in_at.desc())
            .limit(2)
        ).all()
        if len({row.unit_id for row in rows}) > 1:
            return Found(said=f"不止一个单位的名称含“{name}”。请写单位全称。")
        if rows:
            return Found(rows[0].id)
    return Found(said=f"没有找到“{name}”提交的材料。请核对，或由单位先在网上提交。")


def _latest(session: OfficeSession, *conditions: object) -> OnsiteBatch | None:
    wanted = select(OnsiteBatch).where(OnsiteBatch.office_id == session.office_id, *conditions)  # type: ignore[arg-type]
    return session.scalar(wanted.order_by(OnsiteBatch.handed_in_at.desc()).limit(1))


def batch_of(session: OfficeSession, batch_id: UUID) -> OnsiteBatch:
    """A batch that the office has or had; NotFound otherwise."""
    batch = session.get(OnsiteBatch, batch_id)
    if batch is None or batch.office_id != session.office_id:
        raise NotFound("no_such_batch", "没有找到提交给本机构的这批材料。请核对编号。")
    return batch


def missing_of(session: ScopedSession, batch_id: UUID) -> dict[UUID, str]:
    """What was not brought, by case."""
    wanted = select(OnsiteBatchItem).where(OnsiteBatchItem.batch_id == batch_id, OnsiteBatchItem.missing != "")
    return {item.application_id: item.missing for item in session.scalars(wanted)}


def note_missing(session: OfficeSession, batch_id: UUID, application_id: UUID, *, remark: str) -> OnsiteBatchItem:
    """Note what is missing of a case, such as the person or a paper, or clear that with an empty ``remark``.

    Unit and person are told of what is missing. Conflict for a batch that is not received.
    """
    batch = batch_of(session, batch_id)
    item = session.get(OnsiteBatchItem, (batch_id, application_id), with_for_update=True)
    if item is None:
        raise NotFound("not_in_batch", "这份申请不在本批材料中。请刷新页面。")
    if batch.state != onsite.BatchState.RECEIVED:
        raise Conflict("batch_not_received", "这批材料还没有接收或已经办结，不能登记。请刷新页面。")
    text = checked_text(remark, field="missing")
    if text == item.missing:
        return item
    item.missing, item.missing_at = text, session.now if text else None
    session.flush()
    application = session.get_one(Application, application_id)
    audit.record_on(session, batch, "onsite_batch.missing", application=str(application_id), cleared=not text)
    if text:
        for recipient in (Recipient(unit_id=batch.unit_id), Recipient(person_id=application.person_id)):
            notify(
                session,
                recipient,
                event_key=f"onsite_missing:{batch_id}:{application_id}:{session.now.isoformat()}",
                office_id=session.office_id,
                kind="onsite_missing",
                title="现场办理还缺人或缺件",
                body=f"{application.person_name}（{application.reference}）现场办理还缺：{text}。请尽快补办。",
                application_id=application_id,
            )
    return item


def receive_all(
    session: OfficeSession, batch_id: UUID, *, titles: Sequence[str], but: Collection[UUID], received_from: str
) -> InBulk:
    """Take the originals called ``titles`` of every case of a batch into custody, ``but`` those of some cases.

    An original that is in custody already is not taken twice. A case that is refused is named; the others go on.
    """
    batch = batch_of(session, batch_id)
    if batch.state != onsite.BatchState.RECEIVED:
        raise Conflict("batch_not_received", "请先接收这批材料，再登记原件。")
    named = [title for title in dict.fromkeys(map(str.strip, titles)) if title]
    if not named:
        raise Invalid("title_required", "请写明收取的是哪些原件，每行一个。", at="titles")
    required_text(received_from, "请写明原件由谁交来。", field="received_from")
    cases = [case for case in onsite.listed_cases(session, batch_id) if case.id not in but]
    held = {(original.application_id, original.title) for original in _held(session, [case.id for case in cases])}
    made = InBulk()
    for case in cases:
        for title in named:
            if (case.id, title) in held:
                continue
            try:
                with session.begin_nested():
                    originals.receive_original(session, case.id, title=title, received_from=received_from)
            except KaowuError as refusal:
                made.refused.append((f"{case.person_name}（{case.reference}）", refusal.detail))
                break
            made.done += 1
    return made


def return_all(session: OfficeSession, batch_id: UUID, *, but: Collection[UUID], returned_to: str) -> int:
    """Give every original of a batch back, ``but`` some of them; how many went back."""
    batch_of(session, batch_id)
    required_text(returned_to, "请写明原件退给了谁。", field="returned_to")
    back = [original for original in _held(session, onsite.cases_of(session, batch_id)) if original.id not in but]
    for original in back:
        originals.return_original(session, original.id, returned_to=returned_to)
    return len(back)


def usual_titles(session: OfficeSession, application_ids: Collection[UUID]) -> list[str]:
    """The names of the papers that these cases must have, the most frequent first."""
    asked = session.scalars(select(Submission.requirements).where(Submission.application_id.in_(application_ids)))
    counted: dict[str, int] = {}
    for requirements in asked:
        for requirement in requirements:
            if requirement.get("required") and requirement.get("code") != "photo":
                counted[requirement["name"]] = counted.get(requirement["name"], 0) + 1
    return sorted(counted, key=lambda name: (-counted[name], name))


def held_long(session: OfficeSession) -> list[Original]:
    """The originals that the office has held for longer than half a month, the longest first."""
    return [paper for paper in originals.held_originals(session) if paper.received_at <= session.now - LONGEST_HELD]


def remind_of_originals(session: SystemSession) -> None:
    """Remind the office once a week of the originals that it has held too long."""
    long = held_long(session)
    if long:
        year, week, _ = session.now.isocalendar()
        notify(
            session,
            Recipient(office_id=session.office_id),
            event_key=f"original.held:{session.office_id}:{year}-{week}",
            office_id=session.office_id,
            kind="original.held",
            title="有原件保管过久，请及时退还",
            body=f"有{len(long)}份原件保管超过{LONGEST_HELD.days}天，最早的于{dates.day(long[0].received_at)}收取"
            f"（“{long[0].title}”）。请在“现场办理”中退还并登记。",
        )


def _held(session: OfficeSession, application_ids: Collection[UUID]) -> Sequence[Original]:
    return originals.held_originals(session, application_ids=application_ids)
