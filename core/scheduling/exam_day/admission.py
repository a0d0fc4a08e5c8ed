"""Why a ticket admits nobody at a door, and what to do: the same words from the server and from an offline phone.

Phones receive the texts with their list (``door_device.py``) and fill in what stands in braces.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select

from core.clock import SHANGHAI
from core.db.session import OfficeSession
from core.scheduling.models.plans import Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.plans.room_sheets import live_seats, ticket_of_seat
from core.text import dates

SERIAL_DIGITS: Final = 7
"""The last digits of a ticket's number; before them stand the year and the office's area."""

TEXTS: Final[Mapping[str, str]] = {
    "unsigned": "不是有效的准考证二维码：没有本平台的签名，不能凭它入场。请输入准考证号核对。",
    "forged": "签名与内容不符，二维码可能被改动或伪造，不能凭它入场。请留下准考证，核对身份证原件，报告考点负责人。",
    "other_paper": "这是本平台的其他证件二维码，不是准考证。请考生出示准考证。",
    "unverifiable": "这个浏览器不能核对二维码的签名，没有登记。请用https地址打开本页，或输入准考证号并核对身份证原件。",
    "other_season": "这是{year}年度的准考证，不能用于本年度的考试。请考生出示本年度的准考证；没有的，请查找该考生。",
    "other_office": "这张准考证不是本机构签发的，不能在这里入场。请考生按准考证上的时间和地点参加考试。",
    "other_sitting": "这张准考证是其他场次的（{place}），不能入场。请考生按准考证上的时间到场。",
    "other_site": "这位考生的考点不在这里（{place}），不能入场。请考生立即前往，并报告考点负责人。",
    "not_on_list": "签名有效，但{number}不在本机名单中，可能刚刚签发。请联网后重新扫码；仍没有的，请查找该考生。",
    "unknown": "{number}不在本场次名单中。请核对准考证号、准考证是否作废、场次是否正确。",
    "too_early": "还没有到入场时间，开考前3小时起才能登记。请核对场次和手机时间。",
    "too_late": "本场考试已经结束，不能再登记。请核对场次和手机时间。",
}
"""By the cause that a phone finds."""

NOT_YOURS: Final = "这条登记是另一位工作人员记下的，须由本人登录后上传。登记仍保存在手机上。"
NO_REASON: Final = "没有写明不准入场的原因，没有登记。请选择原因后重新登记。"
TOO_SOON_FOR_ABSENCE: Final = "本场考试尚未开始，不能登记缺考。请在开考后登记。"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where a candidate sits instead: the sitting and the site of a seat that is not at this door."""

    number: str
    sitting_id: UUID
    starts_at: datetime
    site_id: UUID
    site_name: str

    @property
    def place(self) -> str:
        """Time and site, in one line."""
        return f"{dates.short_minute(self.starts_at)}，{self.site_name}"

    def detail(self, sitting_id: UUID) -> str:
        """Why the door of a sitting refuses the ticket."""
        return TEXTS["other_site" if self.sitting_id == sitting_id else "other_sitting"].format(place=self.place)


def elsewhere(session: OfficeSession, numbers: Collection[str]) -> dict[str, list[Elsewhere]]:
    """The seats of the tickets in force among these numbers, each ticket's in the order of their times."""
    return _by_number(session, _seats().where(AdmissionTicket.number.in_(numbers))) if numbers else {}


def elsewhere_that_day(session: OfficeSession, sitting: Sitting, *, site_id: UUID | None) -> list[Elsewhere]:
    """The first seat of each ticket that the office expects on the day of a sitting, but not at this door.

    It names no person: a phone tells candidates who stand at the wrong door where to go.
    """
    day = sitting.starts_at.astimezone(SHANGHAI).date()
    found = _by_number(session, _seats().where(Seat.office_id == session.office_id, Sitting.year == sitting.year))
    there = []
    for seats in found.values():
        if any(seat.sitting_id == sitting.id and site_id in {None, seat.site_id} for seat in seats):
            continue
        today = [seat for seat in seats if seat.starts_at.astimezone(SHANGHAI).date() == day]
        # The seat in this sitting says why: the candidate is expected now, at another site.
        there.extend(sorted(today, key=lambda seat: seat.sitting_id != sitting.id)[:1])
    return there


def why_unexpected(number: str, sitting: Sitting, prefixes: Collection[str], seats: Collection[Elsewhere]) -> str:
    """Why a sitting does not expect the holder of a number that is not void; by the number alone where it is unknown.

    ``prefixes`` are the beginnings of the numbers that the sitting knows, ``seats`` those of the ticket.
    """
    for seat in seats:
        return seat.detail(sitting.id)
    year, issuer = number[:4], number[:-SERIAL_DIGITS]
    if number.isdecimal() and issuer and year.startswith("20") and year != str(sitting.year):
        return TEXTS["other_season"].format(year=year)
    if number.isdecimal() and issuer and prefixes and issuer not in prefixes:
        return TEXTS["other_office"]
    return "该准考证号在本场次没有有效座位（可能属于其他场次）。请核对准考证。"


def prefixes_of(numbers: Collection[str]) -> frozenset[str]:
    """The beginnings of ticket numbers: the year and the area of the office that issues them."""
    return frozenset(number[:-SERIAL_DIGITS] for number in numbers if len(number) > SERIAL_DIGITS)


def _seats() -> Select[str, UUID, datetime, UUID, str]:
    return (
        select(AdmissionTicket.number, Sitting.id, Sitting.starts_at, ExamSite.id, ExamSite.name)
        .select_from(Seat)
        .join(Sitting, Sitting.id == Seat.sitting_id)
        .join(ExamRoom, ExamRoom.id == Seat.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .join(AdmissionTicket, ticket_of_seat())
        .where(live_seats(), Sitting.cancelled_at.is_(None))
        .order_by(AdmissionTicket.number, Sitting.starts_at, Sitting.id)
    )


def _by_number(session: OfficeSession, wanted: Select[str, UUID, datetime, UUID, str]) -> dict[str, list[Elsewhere]]:
    found: dict[str, list[Elsewhere]] = {}
    for row in session.execute(wanted):
        found.setdefault(row[0], []).append(Elsewhere(*row))
    return found
