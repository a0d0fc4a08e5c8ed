"""On-site confirmation in batches: what a unit hands in at once, and the office's receipt (统一办理).

A batch lies with one office. Where its cases go to another one meanwhile, the office that has the paper returns it, or
closes it once every case is decided and every original is back. Source: 2024 notice §2(2), §2(5), §3(3).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from core.applications.models import Application, Move
from core.applications.workflow import State
from core.audit.service import record
from core.db.base import new_id
from core.db.session import OfficeSession, ScopedSession, UnitSession
from core.errors import Conflict, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.reviews import rosters
from core.reviews.custody import held_originals
from core.reviews.models import OnsiteBatch, OnsiteBatchItem
from core.tenancy.models import Office

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class BatchState(StrEnum):
    """Where a batch stands."""

    HANDED_IN = "handed_in"
    RECEIVED = "received"
    RETURNED = "returned"
    CLOSED = "closed"


_OPEN: Final = (BatchState.HANDED_IN, BatchState.RECEIVED)


def hand_in_batch(
    session: UnitSession, roster_id: UUID, *, stamped_scan_sha256: str, office_id: str | None = None
) -> OnsiteBatch:
    """The unit hands in the cases of its latest on-site roster, with the stamped scan.

    Cases that lie in an open batch already are left there. Where the others are with two offices, each gets a batch of
    its own: ``office_id`` names which one this is. Raises Conflict for a roster that is no longer what holds.
    """
    one = rosters.roster(session, roster_id)
    if one.unit_id != session.unit_id or one.kind != rosters.RosterKind.ONSITE:
        raise NotFound("no_such_roster", "没有找到本单位的这份需现场审查人员名册表。请核对名册编号。")
    if not _SHA256.fullmatch(stamped_scan_sha256):
        message = "请上传加盖单位人事部门公章的名册表扫描件。"
        raise Invalid("scan_required", message, fields={"stamped_scan_sha256": message})
    _lock(session, f"onsite-batch:{one.unit_id}:{one.year}")
    cases = _cases_to_hand_in(session, one)
    office = _one_office(session, cases, office_id)
    batch = OnsiteBatch(
        id=new_id(),
        unit_id=session.unit_id,
        office_id=office,
        roster_id=one.id,
        year=one.year,
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
    _record(session, batch, "handed_in", roster=str(one.id), version=one.version, scan=stamped_scan_sha256)
    _tell(session, batch, Recipient(office_id=office), f"单位提交了一批现场确认材料（名册第{one.version}版），请接收。")
    return batch


def receive_batch(session: OfficeSession, batch_id: UUID) -> OnsiteBatch:
    """Give the receipt, numbered by year and office. Refused where a case of the batch has gone to another office."""
    batch = _locked(session, batch_id)
    _check_state(batch, BatchState.HANDED_IN)
    elsewhere = session.scalar(
        select(func.count())
        .select_from(_items(batch).subquery())
        .where(_items_column(batch) != session.office_id)
    ) if False else _count_elsewhere(session, batch)
    if elsewhere:
        raise Conflict(
            "cases_went_elsewhere",
            f"这批材料中有{elsewhere}份申请已由其他机构办理，不能接收。请退回，由单位重新打印名册后提交。",
        )
    batch.state = BatchState.RECEIVED.value
    batch.receipt_number = _next_receipt_number(session, batch.year)
    _decide(session, batch)
    _record(session, batch, "received", receipt=batch.receipt_number)
    _tell(session, batch, Recipient(unit_id=batch.unit_id), f"现场确认材料已接收，回执编号：{batch.receipt_number}。")
    return batch
