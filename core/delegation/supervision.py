"""Supervision by the delegating office (事中事后监管): a drawn sample of the receiver's decisions, judged by case.

The seed repeats the draw. Overturning a decision reopens the case; it is in ``core.reviews.supervision``, which is
above this capability. Source: 2024 notice §2(5).
"""

import math
import random
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from core.applications.models import Application, Move
from core.applications.queries import is_undone
from core.audit import service as audit
from core.db.base import new_id
from core.db.rows import own_row
from core.db.session import OfficeSession
from core.delegation.models import Delegation, Sample, SampleItem
from core.delegation.queries import delegation
from core.domain.workflow import Action, By
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.seasons.queries import current_season, season

_DECISIONS = (Action.APPROVE, Action.RETURN, Action.REJECT, Action.CONFIRM, Action.CLEAR)


def draw_sample(
    session: OfficeSession, delegation_id: UUID, *, percent: int, minimum: int, seed: int, year: int | None = None
) -> Sample:
    """Draw ``percent`` of the cases that the receiver decided by this delegation, rounded up, at least ``minimum``.

    All are of one season, the current one where no ``year`` is given. The same seed draws the same cases from the same
    decisions. Invalid where the receiver has not decided any case yet.
    """
    held = delegation(session, delegation_id)
    if held.from_office_id != session.office_id:
        raise Forbidden("not_your_delegation", "只有委托或下放的机构可以抽查。请由委托方机构办理。")
    if not 0 < percent <= 100:
        raise Invalid("percent", "抽查比例应为1至100的整数。", fields={"percent": "请填写1至100"})
    if minimum < 1:
        raise Invalid("minimum", "最少抽查件数应至少为1。", fields={"minimum": "请填写1以上的整数"})
    season_year = current_season(session).year if year is None else season(session, year).year
    population = decided_cases(session, held, season_year)
    if not population:
        raise Invalid(
            "nothing_decided", f"接收机构尚未作出{season_year}年度的审查决定，没有可抽查的案件。请以后再抽查。"
        )
    size = min(len(population), max(minimum, math.ceil(len(population) * percent / 100)))
    drawn = random.Random(seed).sample(population, size)  # noqa: S311 - to be repeated, not to be secret
    made = Sample(
        id=new_id(),
        delegation_id=held.id,
        office_id=session.office_id,
        year=season_year,
        seed=seed,
        percent=percent,
        population=len(population),
        drawn_at=session.now,
        drawn_by=session.actor.account_id,
    )
    session.add(made)
    session.flush()
    session.add_all(_item(made, application_id) for application_id in sorted(drawn))
    session.flush()
    audit.record_on(session, made, "sample.drawn", year=season_year, size=size, minimum=minimum)
    return made


def decided_cases(session: OfficeSession, delegation: Delegation, year: int) -> list[UUID]:
    """The cases of a season that the receiver decided at least once by this delegation, sorted by id."""
    decided = select(Move.application_id).join(Application, Application.id == Move.application_id)
    wanted = decided.where(
        Application.year == year,
        Move.delegation_id == delegation.id,
        Move.acting_office_id == delegation.to_office_id,
        Move.capacity == By.OFFICE.value,
        Move.action.in_([action.value for action in _DECISIONS]),
        ~is_undone(),
    )
    return sorted(session.scalars(wanted.distinct()))


def samples_of(session: OfficeSession, delegation_id: UUID) -> Sequence[Sample]:
    """Every sample of a receiver's decisions, the latest first."""
    wanted = select(Sample).where(Sample.delegation_id == delegation_id)
    return session.scalars(wanted.order_by(Sample.drawn_at.desc(), Sample.id)).all()


def open_samples(session: OfficeSession) -> Sequence[tuple[Sample, int]]:
    """The samples of the office with cases that nobody has judged yet, and how many, the oldest first."""
    left = select(SampleItem.sample_id, func.count().label("n")).where(SampleItem.verdict == "open")
    waiting = left.group_by(SampleItem.sample_id).subquery()
    wanted = select(Sample, waiting.c.n).join(waiting, waiting.c.sample_id == Sample.id)
    found = session.execute(wanted.where(Sample.office_id == session.office_id).order_by(Sample.drawn_at, Sample.id))
    return [(drawn, number) for drawn, number in found]


def sample(session: OfficeSession, sample_id: UUID) -> Sample:
    """One sample of this office; NotFound for any other."""
    found = session.get(Sample, sample_id)
    if found is None or found.office_id != session.office_id:
        raise NotFound("no_such_sample", "没有找到本机构的这次抽查。请核对编号。")
    return found


def items_of(session: OfficeSession, sample_id: UUID) -> Sequence[SampleItem]:
    """The cases of one sample, by application."""
    wanted = select(SampleItem).where(SampleItem.sample_id == sample_id)
    return session.scalars(wanted.order_by(SampleItem.application_id)).all()


def uphold(session: OfficeSession, item_id: UUID, *, remark: str = "") -> SampleItem:
    """Uphold the receiver's decision."""
    return judge_item(session, item_id, "upheld", remark)


def order_correction(session: OfficeSession, item_id: UUID, *, remark: str) -> SampleItem:
    """Order a correction, and tell the receiver the remark. The decision itself stays."""
    _check_remark(remark)
    item = judge_item(session, item_id, "correction_ordered", remark)
    _tell_receiver(session, item, "抽查要求整改", "抽查发现问题，请予整改")
    return item


def mark_overturned(session: OfficeSession, item_id: UUID, *, remark: str) -> SampleItem:
    """Overturn a decision, and tell the receiver; the caller reopens the case as well."""
    _check_remark(remark)
    item = judge_item(session, item_id, "overturned", remark)
    _tell_receiver(session, item, "抽查撤销审查结论", "抽查认定原审查结论不成立，本案将重新审查")
    return item


def judge_item(session: OfficeSession, item_id: UUID, verdict: str, remark: str) -> SampleItem:
    """Write the verdict on a sampled case, once; Conflict where it is judged already."""
    refusal = NotFound("no_such_item", "没有找到本机构抽查的这个案件。请核对编号。")
    item = own_row(session, SampleItem, item_id, refusal, locked=True)
    if item.verdict != "open":
        raise Conflict("judged_already", "这个案件的抽查结论已经作出，不能更改。请刷新页面。")
    item.verdict, item.remark = verdict, remark.strip()
    item.decided_at, item.decided_by = session.now, session.actor.account_id
    audit.record_on(session, item, f"sample.{verdict}")
    session.flush()
    return item


def _item(drawn: Sample, application_id: UUID) -> SampleItem:
    return SampleItem(
        id=new_id(), sample_id=drawn.id, application_id=application_id, office_id=drawn.office_id, verdict="open"
    )


def _check_remark(remark: str) -> None:
    if not remark.strip():
        raise Invalid("remark_required", "请写明抽查发现的问题，接收机构将看到。", fields={"remark": "请填写问题"})


def _tell_receiver(session: OfficeSession, item: SampleItem, title: str, lead: str) -> None:
    drawn = session.get_one(Sample, item.sample_id)
    receiver = delegation(session, drawn.delegation_id).to_office_id
    notify(
        session,
        Recipient(office_id=receiver),
        event_key=f"sample_item:{item.id}:{item.verdict}",
        office_id=session.office_id,
        kind="supervision",
        title=title,
        body=f"{lead}：{item.remark}",
        application_id=item.application_id,
    )
    session.flush()
