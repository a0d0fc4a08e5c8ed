"""Objections to a published list: open to all during its period; the office decides each, with its reason."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application
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
from core.results.awards.publication import one_by_one
from core.results.models.awards import Objection, Publication, PublicationEntry
from core.security.keys import KeyProvider, Place
from core.text import names

_LONGEST: Final = 2000
_TOLD: Final = 200
"""The characters of a reason that a message to the objector holds."""
_VERDICTS: Final = {"sustained": "异议成立", "dismissed": "异议不成立"}
_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


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


def sustain(session: OfficeSession, objection_id: UUID, *, reason: str, keys: KeyProvider) -> Objection:
    """Sustain an objection: its line is struck from the list, for this reason. The objector is told."""
    objection = _open(session, objection_id)
    if objection.position is None:
        raise Invalid("objection_without_line", "该异议没有指明名单中的序号，不能据此撤出人员。请先核实所指人员。")
    _decide(session, objection, "sustained", reason, keys=keys)
    strike(session, objection.publication_id, objection.position, reason=reason)
    return objection


def dismiss(session: OfficeSession, objection_id: UUID, *, reason: str, keys: KeyProvider) -> Objection:
    """Dismiss an objection, with the reason that the objector is told."""
    objection = _open(session, objection_id)
    _decide(session, objection, "dismissed", reason, keys=keys)
    return objection


def strike(
    session: OfficeSession, publication_id: UUID, position: int, *, reason: str, correction_id: UUID | None = None
) -> PublicationEntry:
    """Strike one line from a published list; the person is told the reason. Conflict where the list is closed.

    ``correction_id`` is the granted correction that took the pass, if this is the reason.
    """
    publication = session.get(Publication, publication_id)
    entry = session.scalar(
        select(PublicationEntry)
        .where(
            PublicationEntry.publication_id == publication_id,
            PublicationEntry.position == position,
            PublicationEntry.office_id == session.office_id,
        )
        .with_for_update()
    )
    if publication is None or entry is None:
        raise NotFound("publication_line_unknown", "名单中没有这个序号。请核对后重试。")
    if publication.state != "published" or entry.struck_at is not None:
        raise Conflict("publication_line_settled", "名单已公布结果，或该人员已撤出，不能再次撤出。")
    entry.struck_at, entry.struck_by = session.now, session.actor.account_id
    entry.struck_reason = _said(reason, "reason", "请写明撤出名单的理由")
    entry.struck_by_correction = correction_id
    session.flush()
    subject = audit.RecordSubject(session.office_id, "application", entry.application_id)
    audit.record_on(session, subject, "publication.struck", publication=str(publication_id), position=position)
    application = session.get_one(Application, entry.application_id)
    notify(
        session,
        Recipient(person_id=application.person_id),
        event_key=f"publication.struck:{publication_id}:{application.id}",
        office_id=session.office_id,
        kind="publication_struck",
        title="您已被撤出合格人员公示名单",
        body=f"理由：{entry.struck_reason}。对此有异议的，请向作出决定的机构提出。",
        application_id=application.id,
    )
    return entry


def reveal_objector(session: OfficeSession, objection_id: UUID, *, why: Why, most: int, keys: KeyProvider) -> Objector:
    """Show the objector to the office that decides the objection: an act with a reason, on the record.

    Raises Invalid without a reason, and NotFound for another office's objection or where the contact has been erased.
    """
    objection = session.get(Objection, objection_id)
    if objection is None or objection.office_id != session.office_id:
        raise NotFound("objection_unknown", "没有找到这份异议。请核对后重试。")
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


def objections(session: OfficeSession, publication_id: UUID) -> Sequence[Objection]:
    """The objections to one list of the office, the oldest first."""
    wanted = select(Objection).where(
        Objection.office_id == session.office_id, Objection.publication_id == publication_id
    )
    return session.scalars(wanted.order_by(Objection.id)).all()


def _open(session: OfficeSession, objection_id: UUID) -> Objection:
    refusal = NotFound("objection_unknown", "没有找到这份异议。请核对后重试。")
    objection = own_row(session, Objection, objection_id, refusal, locked=True)
    if objection.state != "open":
        raise Conflict("objection_decided", "这份异议已经处理完毕，不能重复处理。请刷新页面查看结果。")
    return objection


def _decide(session: OfficeSession, objection: Objection, state: str, reason: str, *, keys: KeyProvider) -> None:
    objection.reason = _said(reason, "reason", "请写明处理理由")
    objection.state, objection.decided_at = state, session.now
    objection.decided_by = session.actor.account_id
    session.flush()
    audit.record_on(session, objection, f"objection.{state}")
    _answer(session, objection, keys)


def _answer(session: OfficeSession, objection: Objection, keys: KeyProvider) -> None:
    """Tell the objector, who has no account, by the number that they gave; nobody is shown it."""
    contact = json.loads(keys.decrypt(objection.contact, Place("objections", "contact", objection.id)))
    values = {"receipt": objection.receipt, "verdict": _VERDICTS[objection.state], "reason": objection.reason[:_TOLD]}
    send_to_address(
        session,
        Address(Channel.SMS, contact["mobile"]),
        template=OBJECTION_ANSWERED,
        values=values,
        event_key=f"objection.{objection.state}:{objection.id}",
        keys=keys,
        office_id=objection.office_id,
    )


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
