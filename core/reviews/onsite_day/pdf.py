"""The papers of on-site confirmation: the receipt of a batch, the list to sign for originals, and the row of units."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.db.session import OfficeSession, UnitSession
from core.errors import Conflict
from core.organizations.models import Unit
from core.printing.pdf import PrintedPaper, pdf
from core.reviews import onsite, originals
from core.reviews.models import OnsiteBatch, OnsiteSlot, Original, Roster
from core.reviews.onsite_day.counter import missing_of
from core.reviews.onsite_day.slots import BookingState, bookings_of, span
from core.tenancy.models import Office
from core.text import dates

RECEIPT = "统一办理材料接收回执"
GIVE_BACK = "申报材料原件退还签收表"
ROW = "现场办理单位名单"
Session = OfficeSession | UnitSession


def receipt_pdf(session: Session, batch: OnsiteBatch) -> PrintedPaper:
    """The receipt for what a unit handed in: its people, the originals in custody, and what is missing.

    Conflict for a batch without a receipt number.
    """
    if batch.receipt_number is None:
        raise Conflict("no_receipt", "这批材料还没有接收，没有回执。请先接收。")
    cases = onsite.listed_cases(session, batch.id)
    kept, missing = originals.originals_by_case(session, [case.id for case in cases]), missing_of(session, batch.id)
    rows = [
        [
            str(number),
            case.person_name,
            case.reference,
            "、".join(paper.title for paper in kept[case.id] if paper.returned_at is None) or "—",
            missing.get(case.id, "—"),
        ]
        for number, case in enumerate(cases, start=1)
    ]
    roster, office = session.get_one(Roster, batch.roster_id), session.get_one(Office, batch.office_id).name
    return _paper(
        RECEIPT,
        f"{RECEIPT}　{batch.receipt_number}",
        facts=[
            ("回执编号", batch.receipt_number),
            ("单位", session.get_one(Unit, batch.unit_id).name),
            ("名册", f"{batch.year}年度需现场审查人员名册表第{roster.version}版，共{len(cases)}人"),
            ("接收时间", dates.minute(batch.decided_at or batch.handed_in_at)),
            ("接收机构", office),
        ],
        columns=("序号", "姓名", "申报编号", "收取的原件", "还缺"),
        widths=(0, 2, 0, 4, 2),
        rows=rows,
        closing=f"以上材料已接收，共{len(cases)}人、收取原件{_count(kept)}份。原件核对后及时退还，请凭本回执领取。",
        seal=f"{office}盖章",
        signed="接收人：\n\n\n送交人：",
    )


def give_back_pdf(session: OfficeSession, batch: OnsiteBatch) -> PrintedPaper:
    """The originals of a batch that are still in custody, each with a place to sign. Conflict where there are none."""
    cases = {case.id: case for case in onsite.listed_cases(session, batch.id)}
    held = originals.held_originals(session, application_ids=list(cases))
    if not held:
        raise Conflict("no_originals", "本机构现在没有保管这批人员的原件，无需打印签收表。")
    order = sorted(held, key=lambda paper: (cases[paper.application_id].reference, paper.received_at, paper.title))
    rows = [
        [
            str(number),
            cases[paper.application_id].person_name,
            cases[paper.application_id].reference,
            paper.title,
            dates.day(paper.received_at),
            "",
            "",
        ]
        for number, paper in enumerate(order, start=1)
    ]
    office = session.get_one(Office, batch.office_id).name
    return _paper(
        GIVE_BACK,
        f"{GIVE_BACK}　{batch.receipt_number or ''}",
        facts=[
            ("单位", session.get_one(Unit, batch.unit_id).name),
            ("回执编号", batch.receipt_number or "—"),
            ("退还机构", office),
        ],
        columns=("序号", "姓名", "申报编号", "原件", "收取日期", "领取人签名", "日期"),
        widths=(0, 2, 0, 3, 0, 2, 1),
        rows=rows,
        closing=f"以上原件共{len(rows)}份，由本人或单位经办人当面核对后签名领取。",
        seal=f"{office}盖章",
        signed="退还人：\n\n\n单位经办人：",
        landscape=True,
    )


def row_pdf(session: OfficeSession, slot: OnsiteSlot, cases: dict[UUID, int]) -> PrintedPaper:
    """The units of a time in the order of their numbers, to be called up from paper."""
    booked = bookings_of(session, slot.id, over=True)
    names = _names(session, [booking.unit_id for booking in booked])
    rows = [
        [
            str(booking.number),
            names[booking.unit_id],
            f"{cases.get(booking.unit_id, 0)}人",
            BookingState(booking.state).label,
            "",
        ]
        for booking in booked
    ]
    return _paper(
        ROW,
        f"{ROW}　{span(slot.begins, slot.ends)}",
        facts=[("时间", span(slot.begins, slot.ends)), ("地点", slot.place), ("范围", slot.called)],
        columns=("顺序号", "单位", "待办理", "状态", "签到"),
        widths=(0, 6, 0, 0, 2),
        rows=rows,
        closing=f"共{len(rows)}个单位，可办理{slot.capacity}个单位。",
        seal="",
        signed="",
    )


def _names(session: OfficeSession, unit_ids: Sequence[UUID]) -> dict[UUID, str]:
    return {row.id: row.name for row in session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(unit_ids)))}


def _count(kept: dict[UUID, list[Original]]) -> int:
    return sum(paper.returned_at is None for papers in kept.values() for paper in papers)


def _paper(title: str, footer: str, **data: Any) -> PrintedPaper:
    told = {"landscape": False, "title": title, "footer": footer, "digest": "", "code": "", **data}
    return PrintedPaper(pdf("onsite", told), f"{title}.pdf")
