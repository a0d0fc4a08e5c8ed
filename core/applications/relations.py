"""The register of declared relations (回避): who of an office avoids whom; declared once, used everywhere.

PostgreSQL asks it (``related``): for decisions on a case, for sanctions and what is asked against results, for the
sheets of panels and the draw of their members.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from core.applications.models import DeclaredRelation
from core.audit import service as audit
from core.db.rows import own_row
from core.db.session import OfficeSession, ScopedSession
from core.domain.permissions import Permission
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity.models import Account
from core.organizations.models import Unit
from core.text.form_texts import required_text
from core.text.labels import Labelled
from core.text.names import body

_PERSON: Final = text("SELECT person_id, about FROM person_to_avoid(:reference)")
_MUST_AVOID: Final = text("SELECT must_avoid(:application)")
_LONGEST_NOTE: Final = 200


class RelationKind(Labelled):
    """What stands between two people, or somebody and a unit."""

    KIN = "kin", "亲属"
    UNIT = "unit", "同一单位"
    TEACHER = "teacher", "师徒、师生"
    INTEREST = "interest", "利害关系"
    OTHER = "other", "其他可能影响公正的关系"


def relations(session: OfficeSession) -> Sequence[DeclaredRelation]:
    """The relations that the reader may see: their own, or for supervisors all of the office; those that hold first."""
    wanted = select(DeclaredRelation).where(DeclaredRelation.office_id == session.office_id)
    order = DeclaredRelation.ended_at.isnot(None), DeclaredRelation.account_name, DeclaredRelation.id.desc()
    return session.scalars(wanted.order_by(*order)).all()


def must_avoid(session: ScopedSession, application_id: UUID) -> bool:
    """Whether whoever acts has declared a relation to the person or the unit of a case."""
    return bool(session.scalar(_MUST_AVOID, {"application": application_id}))


def declare(
    session: OfficeSession,
    kind: RelationKind,
    *,
    account_id: UUID | None = None,
    reference: str = "",
    unit: str = "",
    note: str = "",
) -> DeclaredRelation:
    """Declare a relation to the person of a case, or to a unit; one's own, or as a supervisor that of a colleague.

    It takes effect at once: sheets of a panel that scores are excused or void. Raises Invalid without exactly one of
    person and unit, Conflict where the relation is declared already.
    """
    if bool(reference.strip()) == bool(unit.strip()):
        raise Invalid("relation_to_whom", "请填写申报编号或单位全称中的一项。", at="reference")
    if kind is RelationKind.UNIT and not unit.strip():
        raise Invalid("relation_unit_missing", "请填写单位全称。", at="unit")
    if len(note.strip()) > _LONGEST_NOTE:
        raise Invalid("relation_note_long", f"说明不能超过{_LONGEST_NOTE}字。请精简。", at="note")
    own = session.actor.account_id
    if account_id not in {None, own} and Permission.SUPERVISE not in session.actor.may_change:
        raise Forbidden("relation_of_another", "只能登记本人的回避关系；为他人登记的，请由监管人员办理。")
    account = session.get(Account, account_id or own)
    if account is None:
        raise NotFound("account_not_found", "没有找到这个账号，或它不属于本机构。请核对登录名。")
    person_id, unit_id, about = None, None, ""
    if reference.strip():
        person_id, about = _person(session, reference.strip())
    else:
        unit_id, about = _unit(session, unit)
    return _add(session, account, kind, person_id=person_id, unit_id=unit_id, about=about, note=note.strip())


def declare_unit(session: OfficeSession, account: Account, unit_id: UUID) -> None:
    """Keep that an examiner belongs to a unit, where it is not known yet."""
    known = select(DeclaredRelation.id).where(
        DeclaredRelation.account_id == account.id, DeclaredRelation.unit_id == unit_id
    )
    unit = session.get(Unit, unit_id)
    if unit is not None and session.scalar(known.where(DeclaredRelation.ended_at.is_(None)).limit(1)) is None:
        _add(session, account, RelationKind.UNIT, unit_id=unit_id, about=unit.name, note="聘为评委时填写的所在单位")


def end(session: OfficeSession, relation_id: UUID, *, reason: str) -> None:
    """End a relation with a reason, as a supervisor; nobody ends their own."""
    reason = required_text(reason, "请写明终止的原因。")
    refusal = NotFound("relation_not_found", "没有找到这项回避关系，或它已终止。请刷新页面。")
    found = own_row(session, DeclaredRelation, relation_id, refusal)
    if found.ended_at is not None:
        raise Conflict("relation_ended", "这项回避关系已经终止。请刷新页面。")
    if found.account_id == session.actor.account_id:
        raise Forbidden("relation_own", "不能终止本人登记的回避关系。请由本机构另一名监管人员或上级机构办理。")
    found.ended_at, found.ended_by, found.ended_reason = session.now, session.actor.account_id, reason
    session.flush()
    audit.record_on(session, found, "relation.ended", reason=reason)


def _add(
    session: OfficeSession,
    account: Account,
    kind: RelationKind,
    *,
    about: str,
    note: str,
    person_id: UUID | None = None,
    unit_id: UUID | None = None,
) -> DeclaredRelation:
    same = select(DeclaredRelation.id).where(
        DeclaredRelation.account_id == account.id,
        DeclaredRelation.kind == kind.value,
        DeclaredRelation.ended_at.is_(None),
        DeclaredRelation.person_id.is_not_distinct_from(person_id),
        DeclaredRelation.unit_id.is_not_distinct_from(unit_id),
    )
    if session.scalar(same.limit(1)) is not None:
        raise Conflict("relation_there", "这项回避关系已经登记，不必重复登记。")
    made = DeclaredRelation(
        office_id=session.office_id,
        account_id=account.id,
        account_name=account.name,
        kind=kind.value,
        person_id=person_id,
        unit_id=unit_id,
        about=about,
        note=note,
        declared_at=session.now,
        declared_by=session.actor.account_id,
        declared_by_name=session.actor.name,
    )
    session.add(made)
    session.flush()
    audit.record_on(session, made, "relation.declared", relation_kind=kind.value, to="person" if person_id else "unit")
    return made


def _person(session: OfficeSession, reference: str) -> tuple[UUID, str]:
    found = session.execute(_PERSON, {"reference": reference}).one_or_none()
    if found is None or found.person_id is None:
        raise Invalid("relation_case_unknown", "本机构没有这个申报编号。请核对；尚未申报的先登记单位。", at="reference")
    return found.person_id, str(found.about)


def _unit(session: OfficeSession, name: str) -> tuple[UUID, str]:
    found = session.execute(select(Unit.id, Unit.name).where(Unit.name == body(name), Unit.ended_at.is_(None)).limit(1))
    row = found.one_or_none()
    if row is None:
        raise Invalid("unit_unknown", "没有这个单位。请填写单位全称。", at="unit")
    return row.id, row.name
