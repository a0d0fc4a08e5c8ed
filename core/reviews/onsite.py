"""On-site confirmation in batches: the cases that a unit hands in together, and the office's receipt (统一办理).

A batch belongs to one office. Where its cases go to another office before it ends, the office that has the paper
returns the batch, or closes it once every case is decided and every original is back.
Source: 2024 notice §2(2), §2(5), §3(3).
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select

from core.applications.models import Application, Move
from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.rows import own_row
from core.db.session import OfficeSession, ScopedSession, UnitSession
from core.domain.workflow import State
from core.errors import Conflict, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.organizations.queries import carried_on
from core.reviews import rosters
from core.reviews.models import OnsiteBatch, OnsiteBatchItem, Roster
from core.reviews.originals import held_originals
from core.seasons.queries import check_not_ended

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class BatchState(StrEnum):
    """Where a batch stands."""

    HANDED_IN = "handed_in"
    RECEIVED = "received"
    RETURNED = "returned"
    CLOSED = "closed"


LABELS: Final = {
    BatchState.HANDED_IN: "已提交，待接收",
    BatchState.RECEIVED: "已接收",
    BatchState.RETURNED: "已退回",
    BatchState.CLOSED: "已办结",
}
"""The names of the states, for officers and units."""
OPEN: Final = (BatchState.HANDED_IN, BatchState.RECEIVED)
"""The states in which an office has the batch."""


def hand_in_batch(
    session: UnitSession, roster_id: UUID, *, stamped_scan_sha256: str, office_id: str | None = None
) -> OnsiteBatch:
    """The unit hands in the cases of its latest on-site roster, with the stamped scan.

    Cases in an open batch stay there. Where two offices have the other cases, each office gets its own batch and
    ``office_id`` names the office of this one. Raises Conflict for a roster that is out of date.
    """
    roster = rosters.roster(session, roster_id)
    if roster.unit_id != session.unit_id or roster.kind != rosters.RosterKind.ONSITE:
        raise NotFound("no_such_roster", "没有找到本单位的这份需现场审查人员名册表。请核对名册编号。")
    check_not_ended(session, roster.year)
    if not _SHA256.fullmatch(stamped_scan_sha256):
        raise Invalid("scan_required", "请上传加盖单位人事部门公章的名册表扫描件。", at="stamped_scan_sha256")
    one_at_a_time(session, f"onsite-batch:{roster.unit_id}:{roster.year}")
    cases = _cases_to_hand_in(session, roster)
    office = _one_office(cases, office_id)
    batch = OnsiteBatch(
        id=new_id(),
        unit_id=session.unit_id,
        office_id=office,
        roster_id=roster.id,
        year=roster.year,
        stamped_scan_sha256=stamped_scan_sha256,
        state=BatchState.HANDED_IN.value,
        handed_in_at=session.now,
        handed_in_by=session.actor.account_id,
    )
    session.add(batch)
    session.flush()
    session.add_all(
        OnsiteBatchItem(batch_id=batch.id, application_id=case.id) for case in cases if case.handler_office_id == office
    )
    session.flush()
    content = {"roster": str(roster.id), "version": roster.version, "scan": stamped_scan_sha256}
    audit.record_on(session, batch, "onsite_batch.handed_in", **content)
    _tell(
        session, batch, Recipient(office_id=office), f"单位提交了一批现场确认材料（名册第{roster.version}版），请接收。"
    )
    return batch


def receive_batch(session: OfficeSession, batch_id: UUID) -> OnsiteBatch:
    """Give the receipt, numbered by year and office. Refused where a case of the batch has gone to another office."""
    batch = _locked(session, batch_id, BatchState.HANDED_IN)
    elsewhere = [case for case in _cases(session, batch) if case.handler_office_id != session.office_id]
    if elsewhere:
        raise Conflict(
            "cases_went_elsewhere",
            f"这批材料中有{len(elsewhere)}份申请已由其他机构办理，不能接收。请退回，由单位重新提交给负责办理的机构。",
        )
    number = _next_receipt_number(session, batch.year)
    batch.receipt_number = number
    _decide(session, batch, BatchState.RECEIVED, receipt=number)
    _tell(session, batch, Recipient(unit_id=batch.unit_id), f"现场确认材料已接收，回执编号：{number}。")
    return batch


def return_batch(session: OfficeSession, batch_id: UUID, *, remark: str) -> OnsiteBatch:
    """Give the batch back to the unit with a remark; refused while the office still holds an original of its cases."""
    batch = _locked(session, batch_id, BatchState.HANDED_IN, BatchState.RECEIVED)
    if not remark.strip():
        raise Invalid("remark_required", "请写明退回的原因，单位将看到这段文字。", fields={"remark": "请填写退回原因"})
    _check_originals_back(session, batch)
    batch.remark = remark.strip()
    _decide(session, batch, BatchState.RETURNED)
    _tell(session, batch, Recipient(unit_id=batch.unit_id), f"现场确认材料已退回。原因：{batch.remark}")
    return batch


def close_batch(session: OfficeSession, batch_id: UUID) -> OnsiteBatch:
    """Close a received batch, once every case of it is decided and the office holds no original of them."""
    batch = _locked(session, batch_id, BatchState.RECEIVED)
    waiting = session.scalar(select(func.count()).select_from(_undecided().where(_of(batch)).subquery())) or 0
    if waiting:
        raise Conflict("cases_undecided", f"这批材料中还有{waiting}份申请未作出现场确认结论，不能办结。")
    _check_originals_back(session, batch)
    _decide(session, batch, BatchState.CLOSED)
    return batch


def batches(
    session: UnitSession | OfficeSession, year: int, *, state: BatchState | None = None
) -> Sequence[OnsiteBatch]:
    """The batches of the session's unit, or those that its office has or had, oldest first."""
    whose = (
        OnsiteBatch.unit_id.in_(carried_on(session.unit_id))
        if isinstance(session, UnitSession)
        else OnsiteBatch.office_id == session.office_id
    )
    wanted = select(OnsiteBatch).where(whose, OnsiteBatch.year == year)
    if state is not None:
        wanted = wanted.where(OnsiteBatch.state == state.value)
    return session.scalars(wanted.order_by(OnsiteBatch.handed_in_at, OnsiteBatch.id)).all()


def cases_of(session: UnitSession | OfficeSession, batch_id: UUID) -> Sequence[UUID]:
    """The cases of a batch."""
    wanted = select(OnsiteBatchItem.application_id).where(OnsiteBatchItem.batch_id == batch_id)
    return session.scalars(wanted.order_by(OnsiteBatchItem.application_id)).all()


def listed_cases(session: UnitSession | OfficeSession, batch_id: UUID) -> Sequence[Application]:
    """The cases of a batch that the session may see, by their references."""
    wanted = select(Application).join(OnsiteBatchItem, OnsiteBatchItem.application_id == Application.id)
    return session.scalars(wanted.where(OnsiteBatchItem.batch_id == batch_id).order_by(Application.reference)).all()


def _cases_to_hand_in(session: UnitSession, roster: Roster) -> list[Application]:
    """The cases of the roster that are in no open batch; Conflict where the roster is out of date."""
    listed = {UUID(row["application_id"]) for row in roster.rows}
    cases = session.scalars(
        select(Application)
        .where(Application.id.in_(listed), Application.unit_id.in_(carried_on(session.unit_id)))
        .order_by(Application.id)
        .execution_options(populate_existing=True)
    ).all()
    standing = [case for case in cases if case.state == State.ONSITE_CONFIRMATION]
    if rosters.is_superseded(session, roster) or len(standing) != len(listed):
        raise Conflict("roster_outdated", "这份名册打印后人员情况已有变化。请重新打印最新名册，盖章后再提交。")
    handed_in = set(session.scalars(_undecided().where(OnsiteBatchItem.application_id.in_(listed))))
    cases_left = [case for case in standing if case.id not in handed_in]
    if not cases_left:
        raise Conflict("already_handed_in", "名册上的人员都已提交现场确认，正在办理，无需重复提交。")
    return cases_left


def _one_office(cases: Sequence[Application], office_id: str | None) -> str:
    """The office in charge of the batch: the only one, or the one that was named."""
    offices = sorted({case.handler_office_id for case in cases})
    if office_id is not None and office_id in offices:
        return office_id
    if office_id is None and len(offices) == 1:
        return offices[0]
    raise Conflict(
        "several_offices", "名册上的人员由不止一个机构负责现场确认，请选择本批材料提交给其中哪一个机构，分批提交。"
    )


def _undecided() -> Select[UUID]:
    """Cases in open batches that have been in on-site confirmation ever since they were handed in."""
    left = exists().where(
        Move.application_id == Application.id,
        Move.from_state == State.ONSITE_CONFIRMATION,
        Move.at >= OnsiteBatch.handed_in_at,
    )
    return (
        select(OnsiteBatchItem.application_id)
        .join(OnsiteBatch, OnsiteBatch.id == OnsiteBatchItem.batch_id)
        .join(Application, Application.id == OnsiteBatchItem.application_id)
        .where(
            OnsiteBatch.state.in_([state.value for state in OPEN]),
            Application.state == State.ONSITE_CONFIRMATION,
            ~left,
        )
    )


def _of(batch: OnsiteBatch) -> ColumnElement[bool]:
    return OnsiteBatchItem.batch_id == batch.id


def _cases(session: OfficeSession, batch: OnsiteBatch) -> Sequence[Application]:
    wanted = select(Application).join(OnsiteBatchItem, OnsiteBatchItem.application_id == Application.id)
    return session.scalars(wanted.where(_of(batch)).execution_options(populate_existing=True)).all()


def _check_originals_back(session: OfficeSession, batch: OnsiteBatch) -> None:
    held = held_originals(session, application_ids=cases_of(session, batch.id))
    if held:
        raise Conflict("originals_held", f"还有{len(held)}份原件未退还（如“{held[0].title}”）。请退还并登记后再办理。")


def _locked(session: OfficeSession, batch_id: UUID, *expected: BatchState) -> OnsiteBatch:
    refusal = NotFound("no_such_batch", "没有找到提交给本机构的这批材料。请核对编号。")
    batch = own_row(session, OnsiteBatch, batch_id, refusal, locked=True)
    if batch.state not in expected:
        raise Conflict(
            "wrong_state", f"这批材料目前为“{LABELS[BatchState(batch.state)]}”，不能执行此操作。请刷新页面。"
        )
    return batch


def _decide(session: OfficeSession, batch: OnsiteBatch, state: BatchState, **payload: object) -> None:
    batch.state = state.value
    batch.decided_at, batch.decided_by = session.now, session.actor.account_id
    session.flush()
    audit.record_on(session, batch, f"onsite_batch.{state.value}", **payload)


def _next_receipt_number(session: OfficeSession, year: int) -> str:
    """The year, the office's code and a number without gaps; two officers of one office wait for each other."""
    one_at_a_time(session, f"onsite-receipt:{session.office_id}:{year}")
    given = session.scalar(
        select(func.count())
        .select_from(OnsiteBatch)
        .where(
            OnsiteBatch.office_id == session.office_id,
            OnsiteBatch.year == year,
            OnsiteBatch.receipt_number.is_not(None),
        )
    )
    return f"{year}-{session.office_id}-{(given or 0) + 1:04d}"


def _tell(session: ScopedSession, batch: OnsiteBatch, recipient: Recipient, body: str) -> None:
    notify(
        session,
        recipient,
        event_key=f"onsite_batch:{batch.id}:{batch.state}",
        office_id=batch.office_id,
        kind=f"onsite_batch.{batch.state}",
        title="现场确认材料",
        body=body,
    )
