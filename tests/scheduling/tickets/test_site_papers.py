"""The papers of an exam site, read back from the sheet: nobody is left out, clipped or printed over something else."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pypdfium2
import pytest

from core.errors import Invalid
from core.scheduling.allocation.room_shape import Numbering, RoomShape, shape_of
from core.scheduling.models.tickets import PaperJob
from core.scheduling.plans.room_sheets import Noted, RoomSheet, Sitter
from core.scheduling.plans.site_facts import KeptInBrief, RoomInBrief, SiteFacts, sites_of_sittings
from core.scheduling.sites.contacts import read_contacts, state_contacts
from core.scheduling.tickets import paper_jobs, service as tickets
from core.scheduling.tickets.paper_jobs import Heading
from core.scheduling.tickets.paper_kinds import IN_THE_ROOM, KIND_NAMES, OF_A_SITE, ON_THE_SITE, PaperKind
from core.scheduling.tickets.pdf import PdfPrinter
from core.tenancy.config.exams import TicketsTable
from tests.cases import CITY, KEYS, PAPER_KEYS, YEAR
from tests.reading import pages_of
from tests.scheduling.allocation.problems import MORNING
from tests.scheduling.conftest import Exams, admitted, published
from tests.scheduling.tickets.test_paper_jobs import Notebook

LONGEST = "测试·" + "长名" * 13 + "某"
UNIT = "测试" + "某某单位" * 20 + "某"
TRADE = "汽车驾驶员（大型客车、城市公交车及特种车辆）"
SHAPES: Mapping[str, RoomShape] = {
    "one seat": shape_of(1, None),
    "thirty by default": shape_of(30, None),
    "serpentine with aisles": RoomShape(
        10, 12, frozenset({4, 8}), frozenset({5}), frozenset({(1, 1)}), Numbering.SERPENTINE
    ),
    "a hundred and twenty in rows": shape_of(120, None),
    "twenty wide": RoomShape(6, 20, frozenset({5, 10, 15})),
}


def name_of(seat: int) -> str:
    """A name of 2 to 30 characters."""
    return LONGEST if seat % 9 == 4 else "测某" if seat % 5 == 1 else f"测试甲{seat:04}"


def room(shape: RoomShape) -> RoomSheet:
    """A room in which every seat but the last is taken."""
    sitters = tuple(
        Sitter(seat, f"2024410100{seat:04}", name_of(seat), "123X", UNIT if seat % 4 == 0 else "测试单位", 5, "t")
        for seat in range(1, max(shape.seats, 2))
    )
    subjects, watchers = ("岗位技能", "职业道德", "职业能力"), (("测试乙0001", "测试学校"), (LONGEST, UNIT))
    noted = (Noted(1, "20244101000001", name_of(1)), Noted(4, "20244101000004", LONGEST, "携带手机，当场收存"))
    ends = MORNING + timedelta(hours=2)
    return RoomSheet(
        UUID(int=1), MORNING, ends, subjects, "K01", "测试职业技术学院考点", "第一考场", shape, sitters, watchers, noted
    )


SITE = SiteFacts(
    "K01",
    "测试职业技术学院考点",
    "测试市测试路100号",
    "乘1路到测试学院站，从南门进入",
    (("考点主考", "测试丙0001", "0379-60000001"),),
    MORNING,
    MORNING + timedelta(hours=2),
    ("岗位技能", "职业道德", "职业能力"),
    tuple(RoomInBrief(f"第{n}考场", 30, (("测试乙0001", "测试学校", True), (LONGEST, UNIT, False))) for n in range(12)),
    (KeptInBrief("第一考场录像", "考试现场监控录像", "ab12cd34ef56ab78", LONGEST, date(2026, 12, 31)),),
)


def printed(kind: PaperKind, rooms: Sequence[RoomSheet], site: SiteFacts | None = None) -> bytes:
    """The papers as a PDF."""
    heading = Heading("测试考核办", YEAR, {"t": TRADE})
    return PdfPrinter(PAPER_KEYS, (), "0379-12345678").rooms(heading, kind, rooms, site=site)


def faults_of(content: bytes) -> list[str]:
    """Characters outside their sheet, and those that are printed over others."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [fault for number, page in enumerate(document, start=1) for fault in _faults(number, page)]
    finally:
        document.close()


def _faults(number: int, page: pypdfium2.PdfPage) -> Iterator[str]:
    width, height = page.get_size()
    text = page.get_textpage()
    near: dict[tuple[int, int], list[tuple[float, float, float, float]]] = {}
    for place in range(text.count_chars()):
        sign = text.get_text_range(place, 1)
        if not sign.strip():
            continue
        left, bottom, right, top = text.get_charbox(place)
        if left < 20 or bottom < 20 or right > width - 20 or top > height - 20:
            yield f"page {number}: {sign!r} leaves the sheet"
        # The ink of a character; two may touch, but never lie on each other.
        middle = ((left + right) / 2, (bottom + top) / 2)
        cell = (int(middle[0] // 12), int(middle[1] // 12))
        around = [(cell[0] + right_, cell[1] + up) for right_ in (-1, 0, 1) for up in (-1, 0, 1)]
        for other in (box for at in around for box in near.get(at, ())):
            if other[0] < middle[0] < other[2] and other[1] < middle[1] < other[3]:
                yield f"page {number}: {sign!r} is printed over something"
        near.setdefault(cell, []).append((left, bottom, right, top))
    text.close()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_room_of_any_shape_is_printed_whole(shape: str) -> None:
    sheet = room(SHAPES[shape])
    content = printed(PaperKind.SEAT_CHARTS, [sheet])
    [text] = pages_of(content)
    assert faults_of(content) == []
    for sitter in sheet.sitters:
        assert sitter.number in text
        assert sitter.person_name in text
    assert "第1页共1页" in text


@pytest.mark.parametrize("kind", [kind for kind in PaperKind if kind not in {*OF_A_SITE, PaperKind.TICKETS}])
def test_a_paper_of_a_room_has_title_and_pages_and_everybody(kind: PaperKind) -> None:
    sheet = room(SHAPES["thirty by default"])
    content = printed(kind, [sheet])
    pages = pages_of(content)
    assert faults_of(content) == []
    assert f"{YEAR}年度机关事业单位工勤技能岗位等级考核" in pages[0]
    for number, text in enumerate(pages, start=1):
        assert f"第一考场{KIND_NAMES[kind]}第{number}页共{len(pages)}页" in text
    text = "".join(pages)
    listed = kind in {
        PaperKind.DOOR_LISTS,
        PaperKind.SEAT_CHARTS,
        PaperKind.DESK_LABELS,
        PaperKind.SIGN_IN_SHEETS,
        PaperKind.PHOTO_SHEETS,
    }
    assert [sitter.number in text for sitter in sheet.sitters if listed] == [True] * (29 if listed else 0)
    stamped = {
        PaperKind.SIGN_IN_SHEETS,
        PaperKind.PHOTO_SHEETS,
        PaperKind.ROOM_RECORDS,
        PaperKind.INCIDENT_FORMS,
        PaperKind.RECEIPTS,
    }
    assert ("盖章" in text, "签名" in text) == (kind in stamped, kind in {*stamped, PaperKind.INVIGILATORS})
    assert "410105" not in text


def test_absences_and_violations_that_are_known_stand_on_the_form() -> None:
    [text] = pages_of(printed(PaperKind.INCIDENT_FORMS, [room(SHAPES["thirty by default"])]))
    assert "20244101000001测某缺考" in text
    assert f"20244101000004{LONGEST}违纪携带手机，当场收存" in text


@pytest.mark.parametrize("kind", ON_THE_SITE)
def test_a_paper_of_a_site_says_who_when_and_whom_to_call(kind: PaperKind) -> None:
    content = printed(kind, [], SITE)
    text = "".join(pages_of(content))
    assert faults_of(content) == []
    assert f"{KIND_NAMES[kind]}第1页" in text
    assert "（考点盖章）" in text or "（接收机构盖章）" in text
    expected = {
        PaperKind.HANDBOOK: (
            "16:30考生凭准考证",
            "考点主考测试丙00010379-60000001",
            "测试考核办—0379-12345678",
            "南门",
        ),
        PaperKind.DUTY_LIST: ("到岗签名", "第11考场", "测试乙0001（主）", UNIT),
        PaperKind.CUSTODY_LIST: ("第一考场录像", "ab12cd34ef56ab78", LONGEST, "2026年12月31日"),
    }
    for said in expected[kind]:
        assert said in text


def test_a_whole_site_is_one_file_in_the_order_of_its_rooms() -> None:
    first = room(SHAPES["one seat"])
    second = RoomSheet(*[*list(_values(first))[:6], "第二考场", *list(_values(first))[7:]])
    content = printed(PaperKind.WHOLE_SITE, [first, second], SITE)
    pages = pages_of(content)
    assert faults_of(content) == []
    begun = [page for page in pages if "第1页共" in page]
    titles = [KIND_NAMES[kind] for kind in (*ON_THE_SITE, *IN_THE_ROOM, *IN_THE_ROOM)]
    assert len(begun) == len(titles)
    assert all(f"{title}第1页共" in page for title, page in zip(titles, begun, strict=True))
    rooms = [f"第{number}考场{title}" for number in "一二" for title in titles[len(ON_THE_SITE) :][: len(IN_THE_ROOM)]]
    assert all(title in page for title, page in zip(rooms, begun[len(ON_THE_SITE) :], strict=True))


def _values(sheet: RoomSheet) -> Iterator[object]:
    yield from (getattr(sheet, name) for name in sheet.__slots__)


def test_the_papers_of_a_site_are_made_by_one_job_with_its_photos(exams: Exams) -> None:
    held = exams.site()
    site, (first, second) = held.id, exams.rooms(held)
    used, cases = exams.sitting([first.id, second.id]), [admitted(exams) for _ in range(2)]
    plan_id, sitting = published(exams, cases, used, first), used.id
    with exams.at_work() as session:
        tickets.issue_tickets(session, plan_id, rules=TicketsTable())
        state_contacts(session, site, read_contacts("考点主考，测试丙0001，0379-60000001\n\n医务 测试丙0002 120"))
        with pytest.raises(Invalid, match="请选择考点和场次"):
            paper_jobs.ask_for_papers(session, plan_id, PaperKind.HANDBOOK, sitting_id=sitting)
        [(_, _, rooms, people)] = sites_of_sittings(session, plan_id)
        job = paper_jobs.ask_for_papers(session, plan_id, PaperKind.WHOLE_SITE, sitting_id=sitting, site_id=site)
        same = paper_jobs.ask_for_papers(session, plan_id, PaperKind.WHOLE_SITE, sitting_id=sitting, site_id=site)
        assert (same.id, job.total, rooms, people) == (job.id, 1, 1, 2)
    printer = Notebook()
    system = partial(exams.season.as_system, CITY)
    paper_jobs.make_papers(system, job.id, printer=printer, store=exams.season.store, keys=KEYS)
    [facts] = printer.sites
    assert facts is not None
    assert [contact[2] for contact in facts.contacts] == ["0379-60000001", "120"]
    assert (printer.pictures, facts.people, [room.room for room in facts.rooms]) == (2, 2, ["第一考场"])
    with exams.at_work() as session:
        assert session.get_one(PaperJob, job.id).state == "ready"
        assert paper_jobs.outdated(session, [job.id]) == {}
        state_contacts(session, site, [])
        assert list(paper_jobs.outdated(session, [job.id])) == [job.id]


@pytest.mark.parametrize("written", ["考点主考 0379-60000001", "考点主考 测试丙0001 没有", "测试丙0001"])
def test_a_contact_that_lacks_a_part_is_refused_with_its_line(written: str) -> None:
    with pytest.raises(Invalid, match="第2行不完整"):
        read_contacts(f"技术 测试丙0002 13900000000\n{written}")
