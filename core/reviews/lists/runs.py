"""Many cases decided at once in the background: asked for by an officer, worked off in parts, each case by itself.

A part is one transaction in the officer's own scope, so that a run that is interrupted goes on where it stopped. What
a case is left out of, and its own result, are as for the cases that are ticked on a page (``core.reviews.bulk``).
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final
from uuid import UUID

from sqlalchemy import Row, func, insert, select

from core.applications.models import Application
from core.audit import service as audit
from core.db.base import new_id
from core.db.rows import own_row
from core.db.session import OfficeSession
from core.domain.workflow import Action
from core.errors import Conflict, Invalid, NotFound
from core.jobs import decide_many_soon
from core.reviews import service
from core.reviews.bulk import Decide, Decided, Seen, decide_each
from core.reviews.decisions.items import ItemVerdict, each_item, items_to_judge
from core.reviews.models import BulkRun, BulkRunCase
from core.reviews.queue import Asked, conditions
from core.tenancy.offices import Offices
from core.text.form_texts import required_text

IN_BULK: Final = (Action.APPROVE, Action.CONFIRM, Action.RETURN)
MOST_IN_A_RUN: Final = 5000
"""More than an office gets on its busiest day."""
IN_A_PART: Final = 20
_NO_ITEM = Conflict("item_not_in_case", "这份申请没有要退回的项目，请打开单独办理。")


def ask_for_run(
    session: OfficeSession,
    year: int,
    asked: Asked,
    action: Action,
    *,
    reason: str = "",
    items: Sequence[ItemVerdict] = (),
) -> BulkRun:
    """Have every case decided that the filters leave now, each as it is now.

    Invalid for a return without reason or item, and where more than MOST_IN_A_RUN are left; Conflict where none is.
    """
    check_return(action, reason, items)
    wanted = select(Application.id, Application.version).where(*conditions(session, year, asked))
    seen = session.execute(wanted.limit(MOST_IN_A_RUN + 1)).all()
    if not seen:
        raise Conflict("nothing_to_decide", "现在没有符合条件的申请，可能刚刚已经办理。请回到列表查看。")
    if len(seen) > MOST_IN_A_RUN:
        raise Invalid("too_many_in_run", f"一次最多办理{MOST_IN_A_RUN}件，请先用筛选缩小范围。")
    run = BulkRun(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        account_id=session.actor.account_id,
        grant_id=session.actor.grant_id,
        action=action.value,
        reason=reason.strip(),
        items=[[item.item, item.reason_code, item.comment] for item in items],
        total=len(seen),
        asked_at=session.now,
    )
    session.add(run)
    session.flush()
    rows = [
        {"id": new_id(), "office_id": run.office_id, "run_id": run.id, "application_id": case_id, "version": version}
        for case_id, version in seen
    ]
    session.execute(insert(BulkRunCase), rows)
    audit.record_on(session, run, "desk.bulk_asked")
    decide_many_soon(session, run.office_id, run.id)
    return run


def check_return(action: Action, reason: str, items: Sequence[ItemVerdict]) -> None:
    """Invalid for a return of many cases without a reason for all of them, or without a faulty item."""
    if action is not Action.RETURN:
        return
    required_text(reason, "请写明退回的原因，申报人会看到。")
    if not items:
        raise Invalid("nothing_to_correct", "请至少勾选一个有误的项目。", at="items")


def deciding(
    session: OfficeSession, action: Action, *, offices: Offices, reason: str = "", items: Sequence[ItemVerdict] = ()
) -> Decide:
    """How one of many cases is decided. In a return each case keeps its own items: of the faulty, those that it has."""
    if action is Action.RETURN:
        return lambda case_id, version: service.return_for_correction(
            session,
            case_id,
            offices=offices,
            version=version,
            reason=reason,
            items=each_item(session, case_id, but=_of_case(session, case_id, items)),
            bulk=True,
        )
    decide = service.approve if action is Action.APPROVE else service.confirm
    return lambda case_id, version: decide(session, case_id, offices=offices, version=version, bulk=True)


def run_of(session: OfficeSession, run_id: UUID) -> BulkRun:
    """A run of the office; NotFound for any other."""
    return own_row(session, BulkRun, run_id, NotFound("run_unknown", "没有这次批量办理，请从审查台进入。"))


def runs(session: OfficeSession) -> Sequence[BulkRun]:
    """The actor's last runs, the newest first."""
    mine = BulkRun.account_id == session.actor.account_id, BulkRun.office_id == session.office_id
    return session.scalars(select(BulkRun).where(*mine).order_by(BulkRun.asked_at.desc()).limit(5)).all()


def refused(session: OfficeSession, run_id: UUID, *, most: int) -> Sequence[Row[UUID, str, str, str, str]]:
    """The cases of a run that were not decided: id, reference, name, unit, and why."""
    return session.execute(
        select(
            Application.id, Application.reference, Application.person_name, Application.unit_name, BulkRunCase.refusal
        )
        .join(BulkRunCase, BulkRunCase.application_id == Application.id)
        .where(BulkRunCase.run_id == run_id, BulkRunCase.refusal != "")
        .order_by(Application.reference)
        .limit(most)
    ).all()


def refused_count(session: OfficeSession, run_id: UUID) -> int:
    """How many cases of a run were not decided."""
    wanted = select(func.count()).select_from(BulkRunCase)
    return session.scalar(wanted.where(BulkRunCase.run_id == run_id, BulkRunCase.refusal != "")) or 0


def decide_run(begin: Callable[[], AbstractContextManager[OfficeSession]], run_id: UUID, *, offices: Offices) -> None:
    """Decide the cases of a run, part by part; ``begin`` opens the officer's session for one part."""
    while True:
        with begin() as session:
            if not _next_part(session, run_id, offices):
                return


def stop(session: OfficeSession, run_id: UUID, why: str) -> None:
    """End a run before its last case."""
    run = run_of(session, run_id)
    run.state, run.stopped, run.finished_at = "stopped", why, session.now
    session.flush()


def _next_part(session: OfficeSession, run_id: UUID, offices: Offices) -> bool:
    """Decide the next cases of a run; whether more are left."""
    run = session.scalar(select(BulkRun).where(BulkRun.id == run_id).with_for_update())
    if run is None or run.state in {"ready", "stopped"}:
        return False
    open_cases = select(BulkRunCase).where(BulkRunCase.run_id == run_id, BulkRunCase.decided_at.is_(None))
    part = session.scalars(open_cases.order_by(BulkRunCase.application_id).limit(IN_A_PART)).all()
    action = Action(run.action)
    items = [ItemVerdict(item, faulty=True, reason_code=code, comment=comment) for item, code, comment in run.items]
    decide = deciding(session, action, offices=offices, reason=run.reason, items=items)
    seen = [Seen(case.application_id, case.version) for case in part]
    results = {made.application_id: made for made in decide_each(session, seen, action, decide)}
    for case in part:
        case.decided_at, case.refusal = session.now, _why(results[case.application_id])
    run.done += len(part)
    run.state = "working" if run.done < run.total else "ready"
    run.finished_at = session.now if run.state == "ready" else None
    session.flush()
    return run.state == "working" and bool(part)


def _why(made: Decided) -> str:
    return "" if made.refusal is None else str(made.refusal.detail)


def _of_case(session: OfficeSession, case_id: UUID, items: Sequence[ItemVerdict]) -> list[ItemVerdict]:
    """The faulty items that a case has; Conflict where it has none of them."""
    there = items_to_judge(session, session.get_one(Application, case_id))
    found = [item for item in items if item.item in there]
    if not found:
        raise _NO_ITEM
    return found
