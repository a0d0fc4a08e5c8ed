"""Certificates: issued in bulk for a closed list, revoked for good, and their papers called back.

The office's hook gives the numbers; the code on the paper is signed, so that it can be checked offline.
Source: 2024 notice §3(6), 办理合格人员证书; §4(4), 撤销并收回已经取得的证书.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, insert, select

from core.applications.models import Application
from core.audit import service as audit
from core.clock import SHANGHAI, last_day
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.refusals import in_words
from core.db.session import OfficeSession, ProvinceSession, ScopedSession
from core.domain.workflow import State
from core.errors import Conflict, Invalid, NotFound
from core.messages.service import Recipient, Telling, notify, notify_each
from core.plugin_api import AwardView, Grade, OfficeCode
from core.printing.fonts import Unprintable, check_printable, unprintable_of
from core.results.awards.certificate_life import Award, Stage, Step, take
from core.results.awards.numbering import number_by
from core.results.awards.publication import open_publication
from core.results.awards.queries import trade_names
from core.results.awards.verification import KIND, digest_for
from core.results.ledger.service import paper_is_back
from core.results.models.awards import Certificate, Publication, PublicationEntry
from core.results.models.corrections import MarkCorrection, ScoreCheck
from core.results.models.marks import Outcome
from core.security.signatures import PaperKeys
from core.tenancy.offices import Offices
from core.text import dates
from core.text.form_texts import checked_text

RevokingSession = OfficeSession | ProvinceSession


@dataclass(frozen=True, slots=True)
class Issued:
    """The result of an issue in bulk: how many certificates, and how many people wait because something holds them."""

    count: int
    held: int


def issue(session: OfficeSession, publication_id: UUID, *, offices: Offices, paper_keys: PaperKeys) -> Issued:
    """Issue a certificate to every person on a closed list who has none.

    People with an open case of sanctions, and those no longer qualified or passed, are left out and counted; their
    certificates can be issued later. Raises Conflict before the list is closed and where a name cannot be printed,
    PluginError for an impossible number.
    """
    publication = open_publication(session, publication_id)
    if publication.state != "closed":
        raise Conflict("publication_not_closed", "名单尚未公布为合格人员名单，不能发证。请在公示期满后先公布合格人员。")
    number_one_by_one(session, publication.year)
    waiting = _waiting(session, publication)
    ready = [row for row in waiting if not is_held(row)]
    for row in ready:
        take(_award_of(row), Step.ISSUE, now=session.now)
    rows = list(drawn_up(session, publication, ready, offices=offices, paper_keys=paper_keys))
    write(session, rows)
    if rows:
        _record_issue(session, publication, rows)
        _tell_holders(session, publication, rows)
    return Issued(len(rows), len(waiting) - len(ready))


def revoke(session: RevokingSession, certificate_id: UUID, *, reason: str) -> Certificate:
    """Revoke a certificate for good and call its paper back; every verification says so from this moment.

    The ground is a final case of sanctions, or a mark that two people corrected below the pass: no officer revokes a
    certificate alone. Raises Invalid without a reason, Conflict where it is revoked already or there is no ground.
    """
    certificate = open_certificate(session, certificate_id)
    take(life_of(certificate), Step.REVOKE, now=session.now)
    if not may_be_revoked(session, certificate.application_id):
        raise Conflict(
            "revocation_without_grounds",
            "撤销证书须以已生效的违规处理决定，或已同意的成绩更正（更正后不合格）为依据。请先办理违规案件或成绩更正。",
        )
    waits = waits_for_remedy(session, certificate.application_id)
    if waits:
        raise Conflict("revocation_too_early", f"{waits}证书撤销后不能恢复，请在期限届满、复查和更正办结后再撤销。")
    if not checked_text(reason):
        raise Invalid("revocation_reason_missing", "请写明撤销证书的事实和依据，持证人将看到这段文字。", at="reason")
    certificate.revoked_at, certificate.revoked_by = session.now, session.actor.account_id
    certificate.revoked_reason = reason.strip()
    session.flush()
    audit.record_on(session, certificate, "certificate.revoked")
    application = session.get_one(Application, certificate.application_id)
    notify(
        session,
        Recipient(person_id=application.person_id),
        event_key=f"certificate.revoked:{certificate.id}",
        office_id=certificate.office_id,
        kind="certificate_revoked",
        title=f"证书{certificate.number}已被撤销",
        body=f"理由：{certificate.revoked_reason}。请将纸质证书交回发证机构。",
        application_id=application.id,
    )
    return certificate


def may_be_revoked(session: ScopedSession, application_id: UUID) -> bool:
    """Whether there is a ground: a final case of sanctions, or a corrected mark that took the pass."""
    wanted = select(Outcome.application_id).where(
        Outcome.application_id == application_id, Outcome.passed.is_(False), Outcome.correction_id.is_not(None)
    )
    return session.scalar(wanted) is not None or bool(session.scalar(select(func.loses_certificate(application_id))))


def waits_for_remedy(session: ScopedSession, application_id: UUID) -> str:
    """Why a certificate may not be revoked yet: the corrected mark may still be checked; empty where it may."""
    if session.scalar(select(func.loses_certificate(application_id))):
        return ""
    until = session.scalar(
        select(MarkCorrection.check_until)
        .join(Outcome, Outcome.correction_id == MarkCorrection.id)
        .where(Outcome.application_id == application_id)
    )
    if until is not None and session.now < until:
        return f"更正后的成绩可在{dates.day(last_day(until))}24时前申请复查。"
    undecided = (
        select(ScoreCheck.id).where(ScoreCheck.application_id == application_id, ScoreCheck.state == "open"),
        select(MarkCorrection.id).where(
            MarkCorrection.application_id == application_id, MarkCorrection.state == "asked"
        ),
    )
    if any(session.scalar(waiting.limit(1)) is not None for waiting in undecided):
        return "该考生的成绩复查或更正尚未办结。"
    return ""


def is_to_be_revoked(session: OfficeSession, certificate_id: UUID) -> bool:
    """Whether a certificate is still valid although there is a ground to revoke it."""
    found = session.get_one(Certificate, certificate_id)
    return found.revoked_at is None and found.superseded_at is None and may_be_revoked(session, found.application_id)


def revocation_waits(session: OfficeSession, certificate_id: UUID) -> str:
    """Why a certificate may not be revoked yet; empty where it may."""
    return waits_for_remedy(session, session.get_one(Certificate, certificate_id).application_id)


def revoke_of_application(session: RevokingSession, application_id: UUID, *, reason: str) -> Certificate | None:
    """Revoke the certificate of an application; None where there is no valid one."""
    found = session.scalar(
        select(Certificate.id).where(
            Certificate.application_id == application_id,
            Certificate.revoked_at.is_(None),
            Certificate.superseded_at.is_(None),
        )
    )
    return None if found is None else revoke(session, found, reason=reason)


def return_paper(session: RevokingSession, certificate_id: UUID) -> Certificate:
    """Note the return of the paper of a revoked or superseded certificate."""
    certificate = open_certificate(session, certificate_id)
    take(life_of(certificate), Step.RETURN_PAPER, now=session.now)
    certificate.returned_at, certificate.returned_by = session.now, session.actor.account_id
    session.flush()
    paper_is_back(session, certificate.id)
    audit.record_on(session, certificate, "certificate.returned")
    return certificate


def open_certificate(session: RevokingSession, certificate_id: UUID) -> Certificate:
    """A certificate of the office, or any for the province, locked until the transaction ends."""
    wanted = select(Certificate).where(Certificate.id == certificate_id)
    if isinstance(session, OfficeSession):
        wanted = wanted.where(Certificate.office_id == session.office_id)
    certificate = session.scalar(wanted.with_for_update())
    if certificate is None:
        raise NotFound("certificate_unknown", "没有找到这本证书。请核对证书编号。")
    return certificate


def office_of(session: ScopedSession, certificate_id: UUID) -> str:
    """The office that issued a certificate which the session may see."""
    found = session.get(Certificate, certificate_id)
    if found is None:
        raise NotFound("certificate_unknown", "没有找到这本证书。请核对证书编号。")
    return found.office_id


def unprintable(session: OfficeSession, publication: Publication) -> list[Unprintable]:
    """The people of a list whose certificate cannot be issued yet: no font has a character of their name or unit."""
    return unprintable_of(_printed([row for row in _waiting(session, publication) if not is_held(row)]))


def _printed(ready: Sequence[Row[Any]]) -> dict[str, tuple[str, str]]:
    return {f"{row.person_name}（{row.reference}）": (row.person_name, row.unit_name) for row in ready}


def _waiting(session: OfficeSession, publication: Publication) -> Sequence[Row[Any]]:
    """The lines of the list without a certificate, in its order."""
    wanted = (
        people()
        .join(PublicationEntry, PublicationEntry.application_id == Application.id)
        .outerjoin(Certificate, Certificate.application_id == Application.id)
        .where(
            PublicationEntry.publication_id == publication.id,
            PublicationEntry.office_id == session.office_id,
            PublicationEntry.struck_at.is_(None),
            Certificate.id.is_(None),
        )
        .order_by(PublicationEntry.position)
    )
    return session.execute(wanted).all()


def people() -> Select[*tuple[Any, ...]]:
    """What a certificate says of a person, and whether something holds it up; for each application with an outcome."""
    return select(
        Application.id,
        Application.person_id,
        Application.person_name,
        Application.unit_name,
        Application.reference,
        Application.id_tail,
        Application.state,
        Application.grade,
        Application.trade,
        Outcome.passed,
        func.under_sanction(Application.id).label("accused"),
    ).join(Outcome, Outcome.application_id == Application.id)


def lacks_certificates() -> ColumnElement[bool]:
    """The condition of closed lists with somebody who may get a certificate now and has none."""
    standing = Publication.id == PublicationEntry.publication_id, PublicationEntry.struck_at.is_(None)
    given = select(Certificate.application_id).where(Certificate.application_id == PublicationEntry.application_id)
    ready = (
        people()
        .join(PublicationEntry, PublicationEntry.application_id == Application.id)
        .where(*standing, Outcome.passed, Application.state == State.QUALIFIED, ~given.exists())
        .where(~func.under_sanction(Application.id))
    )
    return (Publication.state == "closed") & ready.correlate(Publication).exists()


def _award_of(row: Row[Any]) -> Award:
    return Award(stage=Stage.CONFIRMED, passed=row.passed, qualified=row.state == State.QUALIFIED, held=row.accused)


def is_held(row: Row[Any]) -> bool:
    """Whether a case of sanctions, a lost pass or a lost qualification holds a certificate up."""
    award = _award_of(row)
    return award.held or not award.passed or not award.qualified


def drawn_up(
    session: OfficeSession,
    publication: Publication,
    ready: Sequence[Row[Any]],
    *,
    offices: Offices,
    paper_keys: PaperKeys,
) -> Iterator[dict[str, Any]]:
    """The rows of their certificates, each with a number of its own and a signed code.

    Conflict, naming everybody concerned, where a name or unit cannot be printed.
    """
    check_printable(_printed(ready), what="发证")
    trades = trade_names(session, publication.year)
    issued_on = session.now.astimezone(SHANGHAI).date()
    numbers = _numbers(session, publication.year, ready, offices=offices, on=issued_on)
    for row in ready:
        number = numbers[row.id]
        grade = Grade(row.grade).label
        trade = trades.get((row.grade, row.trade), row.trade)
        yield {
            "id": new_id(),
            "office_id": session.office_id,
            "application_id": row.id,
            "publication_id": publication.id,
            "year": publication.year,
            "number": number,
            "verification": digest_for(number, row.person_name),
            "code": paper_keys.code(KIND, number, row.person_name, grade, trade, issued_on.isoformat()),
            "holder_name": row.person_name,
            "holder_tail": row.id_tail,
            "issued_at": session.now,
            "issued_by": session.actor.account_id,
            "revoked_reason": "",
        }


def _numbers(
    session: OfficeSession, year: int, ready: Sequence[Row[Any]], *, offices: Offices, on: date
) -> Mapping[UUID, str]:
    """A unique number for each line: from the office's hook, else by the province's pattern."""
    office = offices.catalogue.get(OfficeCode(session.office_id))
    table, hooks = office.config.awards, offices.hooks(session.office_id)
    before = session.scalar(
        select(func.count()).where(Certificate.office_id == session.office_id, Certificate.year == year)
    )
    numbers: dict[UUID, str] = {}
    taken: set[str] = set()
    for serial, row in enumerate(ready, (before or 0) + 1):
        award = AwardView(session.office_id, office.area_code(on), year, row.grade, row.trade, serial)
        standard = number_by(table.number_pattern, award, serial_digits=table.serial_digits)
        numbers[row.id] = hooks.certificate_number(replace(award, standard=standard), taken=taken)
        taken.add(numbers[row.id])
    return numbers


def write(session: OfficeSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write these certificates; Conflict where a number is taken."""
    if not rows:
        return
    session.flush()
    with in_words(), session.begin_nested():
        session.connection().execute(insert(Certificate), rows)


def _record_issue(session: OfficeSession, publication: Publication, rows: Sequence[dict[str, Any]]) -> None:
    """One entry for the whole list, with the digest of numbers and applications in their order."""
    listed = "\n".join(f"{row['number']} {row['application_id']}" for row in rows)
    subject = audit.RecordSubject(session.office_id, "publication", publication.id)
    audit.record_on(
        session, subject, "certificates.issued", count=len(rows), digest=hashlib.sha256(listed.encode()).hexdigest()
    )


def _tell_holders(session: OfficeSession, publication: Publication, rows: Sequence[dict[str, Any]]) -> None:
    numbers = {row["application_id"]: row["number"] for row in rows}
    people = session.execute(
        select(Application.id, Application.person_id).where(
            Application.office_id == session.office_id, Application.year == publication.year
        )
    )
    notify_each(
        session,
        [
            Telling(
                person.person_id,
                person.id,
                "等级证书已发放",
                f"您的证书编号为{numbers[person.id]}，可登录下载电子证书。",
            )
            for person in people
            if person.id in numbers
        ],
        event_key=f"certificates:{publication.id}:{rows[0]['id']}",
        office_id=session.office_id,
        kind="certificate_issued",
    )


def life_of(certificate: Certificate) -> Award:
    """The stage of a certificate."""
    stage = Stage.ISSUED
    if certificate.revoked_at is not None:
        stage = Stage.REVOKED if certificate.returned_at is None else Stage.RETURNED
    elif certificate.superseded_at is not None:
        stage = Stage.SUPERSEDED if certificate.returned_at is None else Stage.EXCHANGED
    return Award(
        stage=stage,
        passed=True,
        issued_at=certificate.issued_at,
        revoked_at=certificate.revoked_at,
        superseded_at=certificate.superseded_at,
    )


def number_one_by_one(session: OfficeSession, year: int) -> None:
    """Let those who number certificates of a year wait for each other."""
    one_at_a_time(session, f"certificates/{session.office_id}/{year}")
