"""Reveals: showing a number in full, which is masked everywhere else. Each has a reason, and is kept and recorded.

The reason is chosen from a list; a text of its own stands beside 其他 alone. An officer is shown so many numbers in an
hour (``supervision.reveals_per_hour``), and the head of the office sees who was shown what.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import OfficeSession, ProvinceSession
from core.errors import Invalid, NotFound, TooMany
from core.identity.models import Reveal
from core.security.keys import KeyProvider, Place
from core.text.form_texts import checked_text
from core.text.labels import Labelled

RevealingSession = OfficeSession | ProvinceSession
PAGE_SIZE: Final = 50
_SPAN: Final = timedelta(hours=1)
_FEWEST_SIGNS: Final = 4
"""A reason of one's own has at least so many letters: "." and "查看" are none."""


class PersonalField(StrEnum):
    """What can be shown in full."""

    ID_NUMBER = "id_number"
    PHONE = "phone"


FIELD_LABELS: Final = {PersonalField.ID_NUMBER: "身份证号", PersonalField.PHONE: "手机号码"}


class Ground(Labelled):
    """Why an officer needs a number in full."""

    COMPARE = "compare", "与证件、档案或登记表核对"
    CALL = "call", "联系本人补正材料、通知事项"
    CORRECTION = "correction", "办理姓名、身份证号更正"
    EXAM = "exam", "办理考场、准考证、证书事务"
    COMPLAINT = "complaint", "核查举报、异议或违规线索"
    AUTHORITY = "authority", "纪检、审计或司法机关依法调取"
    OTHER = "other", "其他"


@dataclass(frozen=True, slots=True)
class Why:
    """The reason of a reveal: a ground of the list, with a text beside 其他 alone."""

    ground: Ground
    text: str = ""


def reveal(
    session: RevealingSession,
    sealed: bytes | None,
    place: Place,
    *,
    field: PersonalField,
    subject: tuple[str, UUID],
    office_id: str,
    why: Why,
    most: int,
    keys: KeyProvider,
) -> str:
    """The value in ``sealed``, for a reason. The caller has checked that the actor may see it.

    ``subject`` is the subject of the entry; a text of one's own stays in the reveal, since it may name people. ``most``
    is the number that the actor is shown in an hour. Raises Invalid without a reason, TooMany beyond ``most``, and
    NotFound where no value was filled in or it has been erased.
    """
    reason = _reason(why)
    if not sealed:
        raise NotFound("nothing_to_reveal", "没有登记该号码，或已按保存期限删除。")
    _check_rate(session, most)
    made = Reveal(
        id=new_id(),
        office_id=session.office_id,
        account_id=session.actor.account_id,
        account_name=session.actor.name,
        subject_type=subject[0],
        subject_id=subject[1],
        field=field.value,
        ground=why.ground.value,
        reason=reason,
        at=session.now,
    )
    session.add(made)
    session.flush()
    payload = {"reveal": str(made.id), "field": field.value, "ground": why.ground.value}
    audit.record(
        session, "person.revealed", office_id=office_id, subject_type=subject[0], subject_id=subject[1], payload=payload
    )
    return keys.decrypt(sealed, place).decode()


def revealed(
    session: RevealingSession, *, account_id: UUID | None = None, before: UUID | None = None
) -> tuple[Sequence[Reveal], UUID | None]:
    """A page of the reveals that the session sees, of one account or of all, and the key of the next; newest first."""
    wanted = select(Reveal)
    if account_id is not None:
        wanted = wanted.where(Reveal.account_id == account_id)
    if before is not None:
        wanted = wanted.where(Reveal.id < before)
    rows = session.scalars(wanted.order_by(Reveal.id.desc()).limit(PAGE_SIZE + 1)).all()
    return rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None


def _reason(why: Why) -> str:
    """The reason as it is kept: the ground's own words, or the text beside 其他."""
    if why.ground is not Ground.OTHER:
        return why.ground.label
    text = checked_text(why.text)
    if sum(sign.isalnum() for sign in text) < _FEWEST_SIGNS:
        raise Invalid("reason_missing", "请写明查看完整号码的理由，不少于4个字。查看情况将被记录。", at="reason")
    return text


def _check_rate(session: RevealingSession, most: int) -> None:
    one_at_a_time(session, f"reveal/{session.actor.account_id}")
    since = session.now - _SPAN
    mine = select(func.count(), func.min(Reveal.at)).where(
        Reveal.account_id == session.actor.account_id, Reveal.at > since
    )
    count, first = session.execute(mine).one()
    if count >= most:
        raise TooMany(
            "reveals_too_many",
            f"您在一小时内已查看{count}个完整号码，达到上限。请稍后再查看；确需大量核对的，请使用名册等印有完整号码的资料。",
            retry_after=int((first + _SPAN - session.now).total_seconds()) + 1,
        )
