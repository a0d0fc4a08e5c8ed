"""What the papers of rooms and sites say, as data for their template: texts only, none of it read as markup."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from core.clock import SHANGHAI
from core.plugin_api import Grade
from core.scheduling.allocation import room_shape
from core.scheduling.allocation.room_shape import Cell, Gap
from core.scheduling.plans.room_sheets import Noted, RoomSheet, Sitter
from core.scheduling.plans.site_facts import SiteFacts
from core.scheduling.tickets.paper_jobs import Heading
from core.scheduling.tickets.paper_kinds import KIND_NAMES, PaperKind, of_room, of_site
from core.text import dates
from core.text.filters import day, minute

_BEFORE: Final = (
    (90, "考点主考、考务办公室、技术和后勤保障人员到岗，开启考试现场监控"),
    (60, "监考人员签到，领取考务资料；技术人员逐台检查考试机、备用机、网络和电源"),
    (40, "监考人员进入考场，张贴门贴、桌贴，检查考场"),
    (30, "考生凭准考证和身份证原件入场，核对照片和本人，对号入座、签到"),
    (5, "宣读考场规则，考生登录考试系统、核对本人信息"),
)
"""The customary times of an exam by computer, in minutes before it begins; a ticket calls its candidate for the 30."""
_POINTS: Final = (
    "考点主考：对本考点考试组织、安全负总责，决定突发事件的现场处置，并立即报告考核管理机构。",
    "监考人员：逐一核对准考证、身份证原件、照片和本人；如实填写考场情况记录单和缺考、违纪违规情况登记表，不得擅离考场。",
    "技术人员：保障电力、网络、考试机和监控；更换机位的，在考场情况记录单上写明时间、原因和补时。",
    "与本考场考生有亲属关系、同单位或者有其他利害关系的工作人员，应当主动回避。",
    "考试全程监控；录像、签到表、记录单等资料考后按移交清单移交，按规定期限保管。",
)
_EMERGENCIES: Final = (
    "停电、断网、系统故障：安抚考生、维持秩序，记录时间，启用备用电源、备用机；不能恢复的，由主考报考核管理机构决定顺延或者另行安排。",
    "考生突发疾病：立即联系医务人员或者拨打120，由专人陪护，记录离场时间。",
    "火灾、地震等灾害：立即停止考试，组织考生有序撤离，拨打119、110，清点人数并报告。",
    "扰乱考场秩序、替考、作弊：控制现场，保全证据，按考务工作纪律处理，必要时报警（110）。",
    "发生突发事件的，第一时间按联系人和电话报告，并在平台“考试日”页面登记。",
)
_PUBLIC: Final = (("报警", "—", "110"), ("火警", "—", "119"), ("急救", "—", "120"))


def papers(
    kind: PaperKind,
    rooms: Sequence[RoomSheet],
    *,
    site: SiteFacts | None,
    office: tuple[Heading, str],
    photos: Mapping[UUID, str],
) -> list[dict[str, Any]]:
    """The papers in the order in which they lie on the pile: those of the site, then room by room.

    ``office`` is the heading with the office's telephone, ``photos`` are the names of the pictures by application.
    """
    heading, telephone = office
    found: list[dict[str, Any]] = []
    if site is not None:
        told = _site(site, heading.office_name, telephone)
        found += [{"kind": paper.value, "title": KIND_NAMES[paper], "site": told} for paper in of_site(kind)]
    for sheet in rooms:
        of_sheet = _room(sheet, heading, photos)
        found += [{"kind": paper.value, "title": KIND_NAMES[paper], "room": of_sheet} for paper in of_room(kind)]
    return found


def _room(sheet: RoomSheet, heading: Heading, photos: Mapping[UUID, str]) -> dict[str, Any]:
    taken = {sitter.seat: sitter for sitter in sheet.sitters}
    lines = room_shape.picture(sheet.shape)
    return {
        "room": sheet.room_name,
        "site": f"{sheet.site_name}（{sheet.site_code}）",
        "time": _time(sheet.starts_at, sheet.ends_at),
        "subjects": "、".join(sheet.subjects),
        "sitters": [_sitter(sitter, heading, photos) for sitter in sheet.sitters],
        # An aisle across the room is a line without cells: typst draws it as a gap.
        "chart": [[] if set(line) == {Gap.AISLE} else [_cell(cell, taken) for cell in line] for line in lines],
        "invigilators": [list(watcher) for watcher in sheet.invigilators],
        "noted": [_noted(noted) for noted in sheet.noted],
    }


def _sitter(sitter: Sitter, heading: Heading, photos: Mapping[UUID, str]) -> dict[str, str]:
    return {
        "seat": str(sitter.seat),
        "number": sitter.number,
        "name": sitter.person_name,
        "tail": sitter.id_tail,
        "unit": sitter.unit_name,
        "grade": Grade(sitter.grade).label if sitter.grade else "",
        "trade": heading.trades.get(sitter.trade, sitter.trade),
        "photo": "" if sitter.application_id is None else photos.get(sitter.application_id, ""),
    }


def _noted(noted: Noted) -> dict[str, str]:
    what = "违纪" if noted.facts else "缺考"
    return {
        "seat": str(noted.seat),
        "number": noted.number,
        "name": noted.person_name,
        "what": what,
        "facts": noted.facts,
    }


def _cell(cell: Cell, taken: Mapping[int, Sitter]) -> dict[str, str]:
    if isinstance(cell, Gap):
        return {"kind": cell.value}
    if cell not in taken:
        return {"kind": "empty", "seat": str(cell)}
    return {"kind": "taken", "seat": str(cell), "name": taken[cell].person_name, "number": taken[cell].number}


def _site(site: SiteFacts, office: str, telephone: str) -> dict[str, Any]:
    return {
        "name": site.name,
        "code": site.code,
        "address": site.address,
        "directions": site.directions,
        "time": _time(site.starts_at, site.ends_at),
        "subjects": "、".join(site.subjects),
        "people": str(site.people),
        "contacts": [*map(list, site.contacts), [office, "—", telephone or "—"], *map(list, _PUBLIC)],
        "rooms": [
            {"room": room.room, "people": room.people, "invigilators": [list(watcher) for watcher in room.invigilators]}
            for room in site.rooms
        ],
        "schedule": [list(line) for line in _schedule(site.starts_at, site.ends_at)],
        "points": _POINTS,
        "emergencies": _EMERGENCIES,
        "kept": [
            {
                "title": kept.title,
                "kind": kept.kind,
                "digest": kept.digest or "—",
                "keeper": kept.keeper,
                "until": day(kept.until),
            }
            for kept in site.kept
        ],
    }


def _schedule(starts_at: datetime, ends_at: datetime) -> Iterator[tuple[str, str]]:
    for minutes, work in _BEFORE:
        yield dates.clock(starts_at - timedelta(minutes=minutes)), work
    yield dates.clock(starts_at), "开考；核对缺考人员，填写缺考、违纪违规情况登记表"
    yield dates.clock(ends_at - timedelta(minutes=15)), "提醒考生距考试结束还有15分钟"
    yield dates.clock(ends_at), "考试结束，考生提交答卷后有序离场；检查考试机、收回草稿纸"
    yield dates.clock(ends_at + timedelta(minutes=30)), "监考人员交回考务资料并签名；清点、封存、移交"


def _time(starts_at: datetime, ends_at: datetime) -> str:
    return f"{minute(starts_at)}—{ends_at.astimezone(SHANGHAI):%H:%M}"
