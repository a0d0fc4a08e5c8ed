"""Correcting a person's name or identity number (更正姓名、身份证号): asked for, examined, decided by a second officer.

There is no other way to change either. A granted correction reaches the person, every application that stands, and what
was issued with the former name (``changed``). What was pinned at a submission or a decision stays as it was.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, Uuid, bindparam, func, literal, select, text

from core.applications import queries as cases
from core.applications.identity.queries import correction as visible_correction, identities
from core.applications.identity.steps import KIND_LABELS, Identity, Kind, State, check_differs, check_step
from core.applications.initials import initials
from core.audit import service as audit
from core.audit.dependents import Change, Foreseen, changed, rehearse
from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.session import OfficeSession, PersonSession, ScopedSession, UnitSession
from core.domain import identity_number
from core.domain.consequences import Fact
from core.domain.permissions import Permission
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity.models import IdentityCorrection, Person
from core.messages.service import Recipient, notify
from core.security.keys import KeyProvider, Place
from core.tenancy.models import Office
from core.text import names
from core.text.form_texts import checked_text, required_text

AskingSession = PersonSession | UnitSession | OfficeSession
_CORRECT: Final = (
    text("SELECT correct_person(:id, :name, :initials, :hash, :number, :tail, :birth, :sex) AS reached")
    .bindparams(bindparam("id", type_=Uuid))
    .columns(reached=ARRAY(Uuid))
)
_BY_NUMBER: Final = text("SELECT id, name, application_id, office_id, unit_id FROM person_by_number(:hash)").bindparams(
    bindparam("hash", type_=LargeBinary)
)


@dataclass(frozen=True, slots=True)
class About:
    """The person of a correction, as registered, with the case whose office decides."""

    person_id: UUID
    identity: Identity
    office_id: str
    unit_id: UUID | None = None
    application_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: the kind, the right name or number, why, and on what evidence."""

    kind: Kind
    value: str
    reason: str
    evidence: str = ""


def about_myself(session: PersonSession, keys: KeyProvider) -> About:
    """The person who is signed in; without any case the center decides."""
    person = session.get_one(Person, session.person_id)
    mine = cases.mine(session)
    if mine:
        return About(person.id, _present(person, keys), mine[0].office_id, mine[0].unit_id, mine[0].id)
    center = session.scalars(select(Office.id).where(Office.parent_id.is_(None))).one()
    return About(person.id, _present(person, keys), center)


def about_case(session: UnitSession | OfficeSession, application_id: UUID, keys: KeyProvider) -> About:
    """The person of a case that the session sees; NotFound for any other."""
    case = cases.application(session, application_id)
    person = session.get_one(Person, case.person_id)
    return About(person.id, _present(person, keys), case.office_id, case.unit_id, case.id)


def about_number(session: OfficeSession, id_number: str, keys: KeyProvider) -> About:
    """The person of an identity number, whom the officer has before them with the card; NotFound for an unknown one."""
    number = identity_number.parse(id_number, today=session.now.astimezone(SHANGHAI).date())
    found = session.execute(_BY_NUMBER, {"hash": keys.lookup_hash(number.value)}).one_or_none()
    if found is None:
        message = "没有以该身份证号登记的人员，无需更正。请核对号码，或由本人、单位重新登记。"
        raise NotFound("person_not_registered", message, fields={"id_number": message})
    known = Identity(found.name, number.value)
    return About(found.id, known, found.office_id or session.office_id, found.unit_id, found.application_id)


def ask(session: AskingSession, about: About, wanted: Wanted, *, keys: KeyProvider) -> IdentityCorrection:
    """Ask for a correction, or carry it out where it is a unit's own slip about a person whom nobody else knows.

    An officer of the deciding office has examined what they ask for. Raises Invalid for an impossible name or number,
    or where nothing would change; Conflict while another correction is open, or where the number is somebody else's.
    """
    becomes = _wanted(session, about, wanted, keys)
    at_once = isinstance(session, UnitSession) and wanted.kind is not Kind.CHANGED and is_own_slip(session, about)
    reason = required_text(wanted.reason, "请写明更正的原因，例如“录入时同音字写错”。")
    evidence = checked_text(wanted.evidence, field="evidence")
    if not evidence and not at_once:
        message = "请写明依据，例如居民身份证、户口簿、公安机关出具的更名证明。"
        raise Invalid("evidence_missing", message, fields={"evidence": message})
    amendment = _made(session, about, becomes, kind=wanted.kind, keys=keys)
    amendment.reason, amendment.evidence = reason, evidence
    if at_once:
        amendment.at_once, amendment.state = True, State.GRANTED
        amendment.decided_at, amendment.decided_by, amendment.decided_by_name = (
            session.now,
            amendment.asked_by,
            amendment.asked_by_name,
        )
    elif isinstance(session, OfficeSession) and session.office_id == about.office_id:
        _check_not_own(session, about.person_id)
        _sign_examination(session, amendment, evidence)
    _insert(session, amendment)
    if at_once:
        _carry_out(session, amendment, keys)
    else:
        audit.record_on(session, amendment, "person.correction_asked", state=amendment.state)
    return amendment


def is_own_slip(session: UnitSession, about: About) -> bool:
    """Whether the unit may put it right at once: no account has claimed the person, and nothing was submitted."""
    return bool(session.scalar(select(func.is_own_slip(about.person_id))))


def examine(session: OfficeSession, correction_id: UUID, *, examination: str) -> IdentityCorrection:
    """Note what an officer of the deciding office found when comparing the evidence; a second one decides."""
    found = required_text(examination, "请写明核对情况，例如“与居民身份证原件一致”。", field="examination")
    amendment = _locked(session, correction_id)
    check_step(amendment.state, State.ASKED)
    _check_not_own(session, amendment.person_id)
    _sign_examination(session, amendment, found)
    session.flush()
    audit.record_on(session, amendment, "person.correction_examined")
    return amendment


def grant(session: OfficeSession, correction_id: UUID, *, keys: KeyProvider, remark: str = "") -> IdentityCorrection:
    """Correct the person and all that stands: by a supervisor who neither asked for it nor examined it.

    Raises Forbidden for one of these, Conflict where it is not examined yet, is decided, or is out of date.
    """
    amendment = _to_decide(session, correction_id)
    _decide(session, amendment, State.GRANTED, checked_text(remark, field="remark"))
    _carry_out(session, amendment, keys)
    return amendment


def refuse(session: OfficeSession, correction_id: UUID, *, remark: str) -> IdentityCorrection:
    """Leave name and number as they are, with a reason, which person and unit read."""
    why = required_text(remark, "请写明不予更正的理由，申请人将看到这段文字。", field="remark")
    amendment = _to_decide(session, correction_id)
    _decide(session, amendment, State.REFUSED, why)
    audit.record_on(session, amendment, "person.correction_refused")
    _tell(session, amendment, "姓名、身份证号未予更正", f"理由：{why}")
    return amendment


def foresee(session: OfficeSession, correction_id: UUID, keys: KeyProvider) -> Foreseen:
    """What granting it would cause, before it is confirmed. Raises what ``grant`` raises."""
    return rehearse(session, lambda: grant(session, correction_id, keys=keys))


def open_in_full(session: OfficeSession, correction_id: UUID, keys: KeyProvider) -> tuple[Identity, Identity]:
    """Both identities in full, for an officer who compares them with the evidence; the reading is recorded."""
    amendment = visible_correction(session, correction_id)
    if amendment.office_id != session.office_id or Permission.RUN_OFFICE not in session.actor.permissions:
        raise Forbidden("correction_elsewhere_decided", "这项更正由另一机构核对和决定，不能查看完整号码。")
    audit.record_on(session, amendment, "person.correction_opened")
    return identities(amendment, keys)


def _present(person: Person, keys: KeyProvider) -> Identity:
    number = keys.decrypt(person.id_number, Place("persons", "id_number", person.id)).decode()
    return Identity(person.name, number)


def _wanted(session: AskingSession, about: About, wanted: Wanted, keys: KeyProvider) -> Identity:
    if wanted.kind is Kind.NUMBER:
        try:
            number = identity_number.parse(wanted.value, today=session.now.astimezone(SHANGHAI).date()).value
        except Invalid as fault:
            raise Invalid(fault.code, fault.detail, fields={"value": fault.detail}) from None
        becomes = replace(about.identity, id_number=number)
        check_differs(about.identity, becomes)
        taken = func.number_is_taken(literal(keys.lookup_hash(number), LargeBinary))
        if session.scalar(select(taken)):
            raise _taken()
        return becomes
    becomes = replace(about.identity, name=names.stored(wanted.value, field="value"))
    check_differs(about.identity, becomes)
    return becomes


def _made(
    session: AskingSession, about: About, becomes: Identity, *, kind: Kind, keys: KeyProvider
) -> IdentityCorrection:
    amendment_id = new_id()
    actor = session.actor
    return IdentityCorrection(
        id=amendment_id,
        person_id=about.person_id,
        office_id=about.office_id,
        unit_id=about.unit_id,
        application_id=about.application_id,
        kind=kind.value,
        was=keys.encrypt(_written(about.identity), Place("identity_corrections", "was", amendment_id)),
        becomes=keys.encrypt(_written(becomes), Place("identity_corrections", "becomes", amendment_id)),
        state=State.ASKED.value,
        at_once=False,
        asked_at=session.now,
        asked_by=actor.account_id,
        asked_on_behalf=actor.on_behalf_of,
        asked_by_name=actor.name,
        asked_office_id=session.office_id if isinstance(session, OfficeSession) else None,
        examined_by_name="",
        examination="",
        decided_by_name="",
        remark="",
    )


def _written(identity: Identity) -> bytes:
    return json.dumps({"name": identity.name, "id_number": identity.id_number}, ensure_ascii=False).encode()


def _insert(session: ScopedSession, amendment: IdentityCorrection) -> None:
    taken = Conflict(
        "identity_correction_open", "该人员已有一项更正正在办理。请等其办结后再提出，或在列表中查看办理情况。"
    )
    with in_words(uq_identity_corrections_one_open=taken), session.begin_nested():
        session.add(amendment)
        session.flush()


def _sign_examination(session: OfficeSession, amendment: IdentityCorrection, examination: str) -> None:
    amendment.state, amendment.examination = State.EXAMINED, examination
    amendment.examined_at, amendment.examined_by = session.now, session.actor.account_id
    amendment.examined_on_behalf, amendment.examined_by_name = session.actor.on_behalf_of, session.actor.name


def _locked(session: OfficeSession, correction_id: UUID) -> IdentityCorrection:
    wanted = select(IdentityCorrection).where(
        IdentityCorrection.id == correction_id, IdentityCorrection.office_id == session.office_id
    )
    amendment = session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if amendment is None:
        raise NotFound("identity_correction_unknown", "没有找到这项更正，或不由您所在机构办理。请返回列表重新选择。")
    return amendment


def _to_decide(session: OfficeSession, correction_id: UUID) -> IdentityCorrection:
    amendment = _locked(session, correction_id)
    check_step(amendment.state, State.EXAMINED)
    _check_not_own(session, amendment.person_id)
    first = {amendment.asked_by, amendment.asked_on_behalf, amendment.examined_by, amendment.examined_on_behalf} - {
        None
    }
    if {session.actor.account_id, session.actor.on_behalf_of} & first:
        raise Forbidden("second_person", "更正须由提出人、核对人以外的另一人决定。请由本机构其他监管人员办理。")
    return amendment


def _check_not_own(session: OfficeSession, person_id: UUID) -> None:
    if person_id in {session.actor.person_id, session.actor.on_behalf_of_person}:
        raise Forbidden("own_case", "不能审核、决定本人的事项。请由上级工考管理机构指定另一人办理。")


def _decide(session: OfficeSession, amendment: IdentityCorrection, state: State, remark: str) -> None:
    amendment.state, amendment.remark = state.value, remark
    amendment.decided_at, amendment.decided_by = session.now, session.actor.account_id
    amendment.decided_by_name = session.actor.name
    session.flush()


def _carry_out(session: ScopedSession, amendment: IdentityCorrection, keys: KeyProvider) -> None:
    """Write the correction into the person and the applications, and let what was issued follow."""
    was, becomes = identities(amendment, keys)
    number = identity_number.parse(becomes.id_number, today=session.now.astimezone(SHANGHAI).date())
    values: dict[str, Any] = {
        "id": amendment.id,
        "name": becomes.name,
        "initials": initials(becomes.name),
        "hash": keys.lookup_hash(number.value),
        "number": keys.encrypt(number.value.encode(), Place("persons", "id_number", amendment.person_id)),
        "tail": number.value[-4:],
        "birth": number.birth_date,
        "sex": "" if number.sex is None else number.sex.value,
    }
    with in_words(uq_persons_id_hash=_taken()), session.begin_nested():
        reached: Sequence[UUID] = session.execute(_CORRECT, values).scalar_one()
    session.expire_all()
    audit.record_on(session, amendment, "person.corrected", at_once=amendment.at_once, applications=len(reached))
    label = KIND_LABELS[Kind(amendment.kind)]
    changed(session, Change(Fact.PERSON, applications=tuple(reached), reason=f"{label}，已予更正"))
    told = f"姓名由“{was.name}”更正为“{becomes.name}”。"
    if was.id_number != becomes.id_number:
        told = f"身份证号更正为{identity_number.mask(becomes.id_number)}。以后请用更正后的号码登录。"
    _tell(session, amendment, "姓名、身份证号已更正", told)


def _tell(session: ScopedSession, amendment: IdentityCorrection, title: str, body: str) -> None:
    recipients = [Recipient(person_id=amendment.person_id)]
    if amendment.unit_id is not None:
        recipients.append(Recipient(unit_id=amendment.unit_id))
    if amendment.asked_office_id is not None:
        recipients.append(Recipient(office_id=amendment.asked_office_id))
    for recipient in recipients:
        notify(
            session,
            recipient,
            event_key=f"identity.{amendment.state}:{amendment.id}",
            office_id=amendment.office_id,
            kind=f"identity_{amendment.state}",
            title=title,
            body=body,
            application_id=amendment.application_id,
        )


def _taken() -> Conflict:
    message = (
        "该身份证号已登记给另一人，不能更正为这个号码，系统也不合并两人的登记。"
        "请先核对号码；号码无误的，请持身份证到受理机构，查明另一份登记是谁填报的，由填报人先更正或撤回。"
    )
    return Conflict("identity_number_taken", message, fields={"value": message})
