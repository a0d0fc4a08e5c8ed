"""Reading bans: offices read those that they decided, persons their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select

from core.db.session import OfficeSession, PersonSession, ProvinceSession
from core.errors import NotFound
from core.identity.models import Person
from core.sanctions.models import Ban

PAGE_SIZE: Final = 50


def bans(session: PersonSession | OfficeSession | ProvinceSession) -> Sequence[Ban]:
    """The bans that the session may read, the newest first."""
    if isinstance(session, PersonSession):
        wanted = select(Ban).where(Ban.person_id == session.person_id)
    else:
        wanted = select(Ban).where(Ban.office_id == session.office_id)
    return session.scalars(wanted.order_by(Ban.id.desc())).all()


def ban_now(session: PersonSession) -> Ban | None:
    """The ban by which the person may not apply now: of several the one that ends last; None without one."""
    wanted = select(Ban).where(
        Ban.person_id == session.person_id,
        Ban.begins <= session.now,
        Ban.ends > session.now,
        or_(Ban.lifted_at.is_(None), Ban.lifted_at > session.now),
        or_(Ban.case_id.is_not(None), Ban.confirmed_at.is_not(None)),
    )
    return session.scalars(wanted.order_by(Ban.ends.desc()).limit(1)).first()


@dataclass(frozen=True, slots=True)
class Registered:
    """A ban in the register, with the person's name and the end of the number; empty where they are not visible."""

    ban: Ban
    name: str
    tail: str


def register(
    session: OfficeSession | ProvinceSession, *, named: str = "", before: UUID | None = None
) -> tuple[list[Registered], UUID | None]:
    """A page of the register, the latest first, and the key of the next: the office's bans, or the whole province's."""
    wanted = select(Ban, Person.name, Person.id_tail).outerjoin(Person, Person.id == Ban.person_id)
    if named:
        wanted = wanted.where(Person.name.contains(named, autoescape=True))
    if before is not None:
        wanted = wanted.where(Ban.id < before)
    rows = session.execute(wanted.order_by(Ban.id.desc()).limit(PAGE_SIZE + 1)).all()
    found = [Registered(ban, name or "", tail or "") for ban, name, tail in rows[:PAGE_SIZE]]
    return found, found[-1].ban.id if len(rows) > PAGE_SIZE else None


def registered(session: OfficeSession | ProvinceSession, ban_id: UUID) -> Registered:
    """One ban of the register; NotFound for one that the session does not see."""
    wanted = select(Ban, Person.name, Person.id_tail).outerjoin(Person, Person.id == Ban.person_id)
    found = session.execute(wanted.where(Ban.id == ban_id)).one_or_none()
    if found is None:
        raise NotFound("ban_not_found", "没有找到该禁止申报决定。请核对后重试。")
    ban, name, tail = found
    return Registered(ban, name or "", tail or "")
