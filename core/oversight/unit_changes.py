"""What an official act on units reaches, in numbers with examples, for the officer before it is confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, String, cast, func, or_, select

from core.applications.models import Application
from core.db.session import OfficeSession, ProvinceSession
from core.delegation.models import Delegation
from core.domain.workflow import FINAL, State
from core.organizations.models import ManagerForm, PostStatement, Unit
from core.organizations.unit_acts import ENDING, Kind, Terms
from core.reviews import onsite
from core.reviews.models import OnsiteBatch, Roster
from core.tenancy.models import Office

EXAMPLES: Final = 3
Session = OfficeSession | ProvinceSession


@dataclass(frozen=True, slots=True)
class Reach:
    """One kind of thing that an act reaches: how many, some of them by name, and what becomes of them."""

    label: str
    count: int
    examples: tuple[str, ...]
    outcome: str


def reach(session: Session, terms: Terms, year: int) -> list[Reach]:
    """Everything of the season ``year`` that the units of an act have; kinds of which there is nothing are left out."""
    ids = list(terms.unit_ids)
    ends, kept = terms.kind in ENDING, terms.kind is Kind.END and terms.successor_id is None
    drafts, _ = session.execute(select(func.cases_of_units(ids).table_valued("drafts", "waiting"))).one()
    found = [
        Reach("草稿", drafts, (), _of_drafts(terms, ends=ends, kept=kept)),
        *_of_cases(session, ids, year, terms, ends=ends),
        _named(
            session,
            "网上报名管理人员",
            select(ManagerForm.name).where(ManagerForm.unit_id.in_(ids), ManagerForm.state == "accepted"),
            "账号仍可使用；承接单位的登记表受理后停用。" if ends and not kept else "账号不变。",
        ),
        _named(
            session,
            "下属单位",
            select(Unit.name).where(Unit.parent_id.in_(ids), Unit.ended_at.is_(None)),
            _of_units_below(terms),
        ),
        _named(
            session,
            "岗位空缺和聘用政策",
            select(Unit.name)
            .join(PostStatement, PostStatement.unit_id == Unit.id)
            .where(PostStatement.unit_id.in_(ids), PostStatement.year == year),
            "留在原单位，请承接单位重新填报。" if ends else "不变。",
        ),
        _named(
            session,
            "打印过的名册",
            select(func.concat("第", cast(Roster.version, String), "版")).where(
                Roster.unit_id.in_(ids), Roster.year == year
            ),
            "仍可查验；承接单位须重新打印。" if ends else "仍可查验。",
        ),
        _named(
            session,
            "办理中的统一办理批次",
            select(func.coalesce(OnsiteBatch.receipt_number, "待接收")).where(
                OnsiteBatch.unit_id.in_(ids), OnsiteBatch.state.in_([state.value for state in onsite.OPEN])
            ),
            "继续办理，由承接单位领回原件。" if ends and not kept else "继续办理。",
        ),
        _named(session, "点名本单位的委托或下放", _delegations(ids), _of_delegations(terms, ends=ends)),
    ]
    return [row for row in found if row.count]


def _of_drafts(terms: Terms, *, ends: bool, kept: bool) -> str:
    if kept:
        return "不能再提交，将通知本人另选单位填报。"
    if terms.kind is Kind.PLACE:
        return "提交后由新的主管部门审核。"
    return "本人照常提交，由承接单位审核。" if ends else "本人照常提交，按新名称。"


def _of_cases(session: Session, ids: Sequence[UUID], year: int, terms: Terms, *, ends: bool) -> list[Reach]:
    mine = select(func.concat(Application.person_name, " ", Application.reference)).where(
        Application.unit_id.in_(ids), Application.year == year, Application.state != State.DRAFT
    )
    by_unit = Application.state.in_([State.UNIT_REVIEW, State.DEPARTMENT_REVIEW, State.RETURNED])
    past = Application.state.in_([State.QUALIFIED, State.REJECTED, *FINAL])
    decided = mine.where(past)
    carried = "由承接单位的管理人员继续审核，单位名称按提交时的保留。"
    at_unit = {
        Kind.PLACE: "已提交的仍由原主管部门审核，重新提交的由新的审核。",
        Kind.RENAME: "继续审核，名称按提交时的保留。",
    }
    return [
        _named(session, "单位、部门审核中或退回修改的申请", mine.where(by_unit), at_unit.get(terms.kind, carried)),
        _named(session, "受理机构办理中的申请", mine.where(~by_unit, ~past), _at_office(terms)),
        _named(session, "已有结论的申请", decided, "不变，仍记在原单位名下。" if ends else "不变。"),
    ]


def _at_office(terms: Terms) -> str:
    if terms.kind is Kind.MOVE:
        return "仍由原受理机构办完，不随单位划转。"
    return "继续办理，不变。"


def _of_units_below(terms: Terms) -> str:
    if terms.kind is Kind.MOVE:
        return "不随本单位划转，请另行变更其主管部门或划转。"
    if terms.kind is Kind.SPLIT:
        return "归第一个单位。"
    return {Kind.MERGE: "归合并后的单位。", Kind.END: "归承接单位。"}.get(terms.kind, "不变。")


def _of_delegations(terms: Terms, *, ends: bool) -> str:
    if terms.kind is Kind.MOVE:
        return "在办的照旧；划转到其他县（市）后的新申请不在其范围。"
    if terms.kind is Kind.SPLIT:
        return "只随第一个单位，其余单位不在其范围。"
    return "范围包括承接单位。" if ends else "不变。"


def _delegations(ids: Sequence[UUID]) -> Select[Any]:
    named = or_(*(Delegation.unit_ids.contains([str(unit_id)]) for unit_id in ids))
    return (
        select(func.concat(Office.short_name, " ", Delegation.instrument))
        .select_from(Delegation)
        .join(Office, Office.id == Delegation.to_office_id)
        .where(Delegation.state.in_(["pending", "in_force", "paused"]), named)
    )


def _named(session: Session, label: str, wanted: Select[Any], outcome: str) -> Reach:
    count = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    examples = tuple(session.scalars(wanted.limit(EXAMPLES))) if count else ()
    return Reach(label, count, examples, outcome)
