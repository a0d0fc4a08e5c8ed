"""Units that look as if they had been registered twice, for an officer to merge or to tell apart.

Two names look alike where they are the same without brackets, dots and blanks, where one is the end of the other (a
county before it is often left out), or where they differ by one sign that is not a number or a place among its like
(第一中学, 第二中学). The same organisation code is the strongest sign.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.db.base import new_id
from core.db.session import OfficeSession
from core.errors import Conflict, Invalid
from core.organizations.models import Unit, UnitDifference
from core.organizations.queries import unit_in_charge_of
from core.text import names

SHORTEST: Final = 5
"""Names of fewer signs are alike too often to say anything."""
_COUNTED: Final = frozenset(
    "一二三四五六七八九十百零〇0123456789甲乙丙丁戊己东西南北中上下大小新老前后左右男女AaBbCcDd"
)
_SKIPPED: Final = str.maketrans("", "", "()（）[]【】〔〕《》“”\"'·.．,，、-—－ ")


@dataclass(frozen=True, slots=True)
class Alike:
    """Two units that look alike, and why. ``first`` has the lower id."""

    first: Any
    second: Any
    why: str


def suggested(session: OfficeSession) -> list[Alike]:
    """The pairs of the office's units that look alike and that nobody has told apart, the strongest signs first."""
    mine = (Unit.office_id == session.office_id) | (Unit.local_office_id == session.office_id)
    wanted = select(Unit.id, Unit.name, Unit.code).where(mine, Unit.ended_at.is_(None)).order_by(Unit.id)
    units = {row.id: row for row in session.execute(wanted)}
    noted = select(UnitDifference.first_id, UnitDifference.second_id).where(
        UnitDifference.office_id == session.office_id
    )
    apart = {(row.first_id, row.second_id) for row in session.execute(noted)}
    found: dict[tuple[UUID, UUID], str] = {}
    for pair, why in _pairs(list(units.values())):
        if pair not in apart:
            found.setdefault(pair, why)
    return [Alike(units[first], units[second], why) for (first, second), why in found.items()]


def tell_apart(session: OfficeSession, first_id: UUID, second_id: UUID) -> None:
    """Note that two units are not the same; they are not suggested again. Conflict where that is noted already."""
    if first_id == second_id:
        raise Invalid("same_unit", "请选择两个不同的单位。")
    lower, higher = sorted((first_id, second_id))
    units = [unit_in_charge_of(session, unit_id) for unit_id in (lower, higher)]
    known = select(UnitDifference.id).where(
        UnitDifference.first_id == lower,
        UnitDifference.second_id == higher,
        UnitDifference.office_id == session.office_id,
    )
    if session.scalar(select(known.exists())):
        raise Conflict("told_apart_before", "这两个单位已认定为不同单位。请刷新页面。")
    session.add(
        UnitDifference(
            id=new_id(),
            office_id=session.office_id,
            first_id=lower,
            second_id=higher,
            at=session.now,
            by=session.actor.account_id,
            by_name=session.actor.name,
        )
    )
    session.flush()
    subject = audit.RecordSubject(units[0].office_id, "unit", lower)
    audit.record_on(session, subject, "unit.told_apart", other=str(higher))


def _pairs(units: Sequence[Any]) -> Iterator[tuple[tuple[UUID, UUID], str]]:
    for alike in _together((unit.code, unit.id) for unit in units if unit.code):
        yield alike, "统一社会信用代码相同"
    keys = {unit.id: names.compared(unit.name).translate(_SKIPPED) for unit in units}
    for alike in _together((key, unit_id) for unit_id, key in keys.items()):
        yield alike, "名称相同，只是标点或空格不同"
    by_key = {key: unit_id for unit_id, key in keys.items() if len(key) >= SHORTEST}
    for key, unit_id in by_key.items():
        for start in range(1, len(key) - SHORTEST + 1):
            other = by_key.get(key[start:])
            if other is not None:
                yield _in_order(unit_id, other), "一个名称是另一个的后一部分"
    for first, second in _one_sign_apart(by_key):
        yield _in_order(by_key[first], by_key[second]), "名称只差一个字"


def _one_sign_apart(keys: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of texts that become the same where one sign of the longer, or of both at one place, is left out."""
    without: dict[tuple[str, int], list[str]] = defaultdict(list)
    whole = set(keys)
    for key in whole:
        for place in range(len(key)):
            without[key[:place] + key[place + 1 :], place].append(key)
    for (rest, place), found in without.items():
        signs = {key: key[place] for key in found}
        listed = sorted(found)
        if rest in whole and not {signs[key] for key in listed} & _COUNTED:
            yield from ((rest, key) for key in listed)
        for number, key in enumerate(listed):
            for other in listed[number + 1 :]:
                if not {signs[key], signs[other]} <= _COUNTED:
                    yield key, other


def _together(keyed: Iterable[tuple[str, UUID]]) -> Iterator[tuple[UUID, UUID]]:
    groups: dict[str, list[UUID]] = defaultdict(list)
    for key, unit_id in keyed:
        groups[key].append(unit_id)
    for group in groups.values():
        for number, unit_id in enumerate(group):
            for other in group[number + 1 :]:
                yield _in_order(unit_id, other)


def _in_order(first: UUID, second: UUID) -> tuple[UUID, UUID]:
    return (first, second) if first < second else (second, first)
