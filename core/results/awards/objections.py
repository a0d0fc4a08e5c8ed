"""Objections to a published list: open to all during its period; the office answers each in writing, with its reason.

The objector is told by the number that they left, and may ask for the answer by it and the receipt number.
"""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import LargeBinary, func, literal, select, text
from sqlalchemy.orm import aliased

from core.audit import service as audit
from core.db.base import new_id
from core.db.rows import own_row
from core.db.session import AuditorSession, OfficeSession, ScopedSession
from core.documents.attachment_queries import Standing
from core.documents.attachment_subjects import Subject
from core.documents.attachments import Offered, attach_unseen
from core.documents.receiving import Keeping
from core.domain.message_templates import OBJECTION_ANSWERED
from core.domain.mobile import parse_mobile
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity.reveals import PersonalField, Why, reveal
from core.messages.service import Address, Recipient, notify, send_to_address
from core.plugin_api import Channel
from core.results.awards.list_queries import objections_of
from core.results.awards.publication import one_by_one
from core.results.models.awards import Objection, Publication, PublicationEntry, Striking
from core.security.keys import KeyProvider, Place
from core.text import names
from core.text.labels import Labelled

_LONGEST: Final = 2000
_TOLD: Final = 200
"""The characters of a reason that a message to the objector holds."""
_VERDICTS: Final = {"sustained": "异议成立", "dismissed": "异议不成立", "lapsed": "名单已撤回，异议办结"}
_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class Remedy(Labelled):
    """What an upheld objection to the whole of a list leads to."""

    CORRECT = "correct", "更正名单"
    WITHDRAW = "withdraw", "撤回名单"


def remedy_of(code: str) -> Remedy | None:
    """The remedy by its code; None for any other text."""
    return next((remedy for remedy in Remedy if remedy == code), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an objection, as its objector reads it; ``examined``: a hearing of the person goes on."""

    receipt: str
    position: int | None
    received_at: datetime
    state: str
    decided_at: datetime | None
    reason: str
    remedy: str
    publication_id: UUID
    examined: bool


@dataclass(frozen=True, slots=True)
class Objector:
    """The objector's name and number; objections must be signed (实名) so that they can be looked into."""

    name: str = field(repr=False)
    mobile: str = field(repr=False)


def object_to(
    session: ScopedSession,
    publication_id: UUID,
    *,
    grounds: str,
    objector: Objector,
    keys: KeyProvider,
    position: int | None = None,
    paper: Offered | None = None,
    keeping: Keeping | None = None,
) -> str:
    """Take in an objection and return its receipt number; ``position`` is the line that it is about, None for the list.

    ``paper`` is a file of the objector, kept by ``keeping``: an objector does not see the objection again and can add
    nothing later. Raises Conflict outside the publication period, Invalid without grounds, name or mobile number.
    """
    if isinstance(session, AuditorSession):
        raise Forbidden("objection_by_auditor", "审计人员不能以审计身份提出异议。请退出登录后以本人名义提出。")
    one_by_one(session, publication_id, shared=True)
    publication = session.get(Publication, publication_id)
    if publication is None or publication.published_at is None or publication.ends_at is None:
        raise NotFound("publication_unknown", "没有找到这份公示名单。请从公示页面进入。")
    if publication.state == "corrected":
        raise Conflict("publication_corrected", "这份名单已经更正。请从公示页面打开更正后的名单，再提出异议。")
    if publication.state == "withdrawn":
        raise Conflict("publication_withdrawn", "这份名单已经撤回，不再受理异议。重新公示后可以对新的名单提出异议。")
    if publication.state != "published" or not publication.published_at <= session.now < publication.ends_at:
        raise Conflict("publication_over", "公示期已满，不再受理异议。如有问题，请直接联系发布名单的机构。")
    contact = _contact(objector)
    row = Objection(
        id=new_id(),
        publication_id=publication.id,
        office_id=publication.office_id,
        receipt="".join(secrets.choice(_ALPHABET) for _ in range(10)),
        position=_position(position, publication),
        grounds=_said(grounds, "grounds", "请写明异议的事实和理由"),
        received_at=session.now,
        state="open",
    )
    row.asked_by_hash = _asked_by(row.receipt, parse_mobile(objector.mobile), keys)
    row.contact = keys.encrypt(contact, Place("objections", "contact", row.id))
    session.add(row)
    session.flush()
    if paper is not None and keeping is not None:
        _attach(session, row, paper, keeping)
    audit.record_on(session, row, "objection.received")
    notify(
        session,
        Recipient(office_id=publication.office_id),
        event_key=f"objection:{row.id}",
        office_id=publication.office_id,
        kind="objection_received",
        title="收到公示异议",
        body=f"公示名单收到异议，编号{row.receipt}。请在公示期满前核查处理。",
    )
    return row.receipt


def _attach(session: ScopedSession, objection: Objection, paper: Offered, keeping: Keeping) -> None:
    thing = Standing(Subject.OBJECTION, objection.id, objection.office_id, "open", None, None, None, None)
    attach_unseen(session, thing, paper, keeping=keeping)


def sustain(
    session: OfficeSession, objection_id: UUID, *, reason: str, keys: KeyProvider, remedy: Remedy | None = None
) -> Objection:
    """Uphold an objection in writing. One to the whole list leads to its correction or withdrawal (``remedy``).

    One to a person who still stands on the list is upheld by striking them off (``striking.py``), after a hearing.
    """
    objection = open_objection(session, objection_id)
    if objection.position is None and remedy is None:
        raise Invalid("remedy_missing", "对整份名单的异议成立的，请选择更正名单或撤回名单。", at="remedy")
    if objection.position is not None and _stands(session, objection):
        message = "该人员仍在名单中。请提出取消公示资格，听取本人陈述后由第二人决定，决定后自动答复异议人。"
        raise Conflict("objection_needs_striking", message)
    objection.remedy = "" if objection.position is not None or remedy is None else remedy.value
    settle(session, objection, "sustained", reason, keys=keys)
    return objection


def dismiss(session: OfficeSession, objection_id: UUID, *, reason: str, keys: KeyProvider) -> Objection:
    """Dismiss an objection in writing, with the reason that the objector is told.

    Conflict while somebody may be struck because of it: the second officer's decision answers it.
    """
    objection = open_objection(session, objection_id)
    proposed = select(Striking.id).where(Striking.objection_id == objection.id, Striking.state == "proposed")
    if session.scalar(proposed.limit(1)) is not None:
        raise Conflict("objection_being_heard", "已据此提出取消公示资格，须由第二人决定，决定后自动答复异议人。")
    settle(session, objection, "dismissed", reason, keys=keys)
    return objection


def settle(session: OfficeSession, objection: Objection, state: str, reason: str, *, keys: KeyProvider) -> None:
    """Answer an objection that is open: the objector is told by the number that they gave."""
    objection.reason = _said(reason, "reason", "请写明处理理由")
    objection.state, objection.decided_at = state, session.now
    objection.decided_by = session.actor.account_id
    session.flush()
    audit.record_on(session, objection, f"objection.{state}")
    _answer(session, objection, keys, verdict=_VERDICTS[objection.state])


def reopen(session: OfficeSession, objection: Objection, *, keys: KeyProvider) -> None:
    """Open an objection again whose answer was taken back on its day, and say so to the objector."""
    objection.state, objection.decided_at, objection.decided_by, objection.reason = "open", None, None, ""
    session.flush()
    audit.record_on(session, objection, "objection.reopened")
    _answer(session, objection, keys, verdict="答复已撤回", reason="正在重新核查，核查后再答复")


def let_lapse(session: OfficeSession, publication: Publication, *, reason: str, keys: KeyProvider) -> None:
    """Answer everything that was said against a list that is withdrawn."""
    for objection in objections_of(session, publication):
        if objection.state == "open":
            settle(session, objection, "lapsed", reason, keys=keys)


def asked(session: ScopedSession, *, receipt: str, mobile: str, keys: KeyProvider) -> Answer | None:
    """What became of an objection, for whoever has its receipt number and the mobile number that was left with it.

    None where either is wrong. Invalid for what is no mobile number.
    """
    key = literal(_asked_by(receipt, parse_mobile(mobile), keys), LargeBinary)
    row = session.execute(select(text("*")).select_from(func.objection_standing(key))).one_or_none()
    return None if row is None else Answer(*row)


def reveal_objector(session: OfficeSession, objection_id: UUID, *, why: Why, most: int, keys: KeyProvider) -> Objector:
    """Show the objector to the office that decides the objection: an act with a reason, on the record.

    Raises Invalid without a reason, and NotFound for another office's objection or where the contact has been erased.
    """
    objection = objection_of(session, objection_id)
    opened = json.loads(
        reveal(
            session,
            objection.contact,
            Place("objections", "contact", objection.id),
            field=PersonalField.PHONE,
            subject=("objection", objection.id),
            office_id=objection.office_id,
            why=why,
            most=most,
            keys=keys,
        )
    )
    return Objector(opened["name"], opened["mobile"])


def objection_of(session: OfficeSession, objection_id: UUID) -> Objection:
    """One objection to a list of the office; NotFound for any other."""
    objection = session.get(Objection, objection_id)
    if objection is None or objection.office_id != session.office_id:
        raise NotFound("objection_unknown", "没有找到这份异议。请核对后重试。")
    return objection


def open_objection(session: OfficeSession, objection_id: UUID) -> Objection:
    """An objection of the office that is not decided, locked until the transaction ends; Conflict for any other."""
    refusal = NotFound("objection_unknown", "没有找到这份异议。请核对后重试。")
    objection = own_row(session, Objection, objection_id, refusal, locked=True)
    if objection.state != "open":
        raise Conflict("objection_decided", "这份异议已经处理完毕，不能重复处理。请刷新页面查看结果。")
    return objection


def _answer(session: OfficeSession, objection: Objection, keys: KeyProvider, *, verdict: str, reason: str = "") -> None:
    """Tell the objector, who has no account, by the number that they gave; nobody is shown it."""
    contact = json.loads(keys.decrypt(objection.contact, Place("objections", "contact", objection.id)))
    told = reason or objection.reason[:_TOLD]
    send_to_address(
        session,
        Address(Channel.SMS, contact["mobile"]),
        template=OBJECTION_ANSWERED,
        values={"receipt": objection.receipt, "verdict": verdict, "reason": told},
        event_key=f"objection.{objection.state}:{objection.id}:{session.now.isoformat()}",
        keys=keys,
        office_id=objection.office_id,
    )


def _stands(session: OfficeSession, objection: Objection) -> bool:
    """Whether the person whom an objection is about stands on a list, in this edition of it or a later one."""
    about = aliased(PublicationEntry)
    wanted = (
        select(PublicationEntry.application_id)
        .join(about, about.application_id == PublicationEntry.application_id)
        .where(
            about.publication_id == objection.publication_id,
            about.position == objection.position,
            PublicationEntry.office_id == session.office_id,
            PublicationEntry.struck_at.is_(None),
            PublicationEntry.released_at.is_(None),
        )
    )
    return session.scalar(wanted.limit(1)) is not None


def _asked_by(receipt: str, mobile: str, keys: KeyProvider) -> bytes:
    return keys.lookup_hash(f"objection/{receipt.strip().upper()}/{mobile}")


def _contact(objector: Objector) -> bytes:
    name = names.stored(objector.name)
    return json.dumps({"name": name, "mobile": parse_mobile(objector.mobile)}, ensure_ascii=False).encode()


def _position(position: int | None, publication: Publication) -> int | None:
    if position is not None and not 1 <= position <= publication.entry_count:
        raise Invalid("publication_line_unknown", "名单中没有这个序号。请核对后重新填写。", at="position")
    return position


def _said(words: str, name: str, missing: str) -> str:
    trimmed = words.strip()
    if not trimmed or len(trimmed) > _LONGEST:
        raise Invalid(f"{name}_missing", f"{missing}（不超过{_LONGEST}字）。", at=name)
    return trimmed
