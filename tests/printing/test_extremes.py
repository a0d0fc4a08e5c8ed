"""Every kind of paper with the longest and the shortest names and units, and rooms of one seat and of 120, read back.

The kinds are found in the code: each template that a module prints, and each kind of paper of an exam. A kind without a
case here fails.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pypdfium2
import pytest
from pypdfium2.raw import FPDF_PAGEOBJ_PATH

from core.printing.pdf import TEMPLATES, pdf
from core.printing.qr_codes import svg
from core.scheduling.tickets.paper_jobs import Heading
from core.scheduling.tickets.paper_kinds import KIND_NAMES, PaperKind, of_room, of_site
from core.scheduling.tickets.pdf import PdfPrinter
from core.scheduling.tickets.service import SeatLine, Ticket
from core.settings import ROOT
from tests.cases import PAPER_KEYS, YEAR
from tests.reading import pages_of
from tests.scheduling.allocation.problems import MORNING
from tests.scheduling.tickets.test_site_papers import SHAPES, SITE, TRADE, UNIT, faults_of, printed, room

SHORT: Final = "测某"
LONG: Final = "测试·" + "长名" * 10 + "某㐂䶮𠮷" + "某某某"
"""30 characters, with rare ones that the shipped font has: extensions A and B."""
UNITS: Final = ("测试", UNIT)
PEOPLE: Final = tuple(zip((SHORT, LONG) * 20, UNITS * 20, strict=True))
OFFICE: Final = "测试省机关事业单位工勤技能岗位考核工作办公室"
TITLE: Final = "测试表"


@dataclass(frozen=True)
class Paper:
    """A kind of paper: how it is made with the extremes, its title, and what has to stand on it."""

    make: Callable[[], bytes]
    title: str
    said: tuple[str, ...] = (SHORT, LONG, UNIT)
    sealed: bool = False
    paged: bool = True


def of_form(form: str, *, title: str = TITLE, pictures: int = 0, **data: Any) -> Callable[[], bytes]:
    """A paper of a template that is filled in with these data."""
    told = {"title": title, "footer": f"{OFFICE}　测试", "digest": "ab" * 32, "code": "测试码", **data}
    return lambda: pdf(form, told, pictures=pictures)


def lines(*cells: Callable[[int, str, str], str]) -> list[list[str]]:
    """Rows of a table, each with a person: the shortest and the longest by turns."""
    return [[cell(number, name, unit) for cell in cells] for number, (name, unit) in enumerate(PEOPLE, start=1)]


def number(place: int, _name: str, _unit: str) -> str:
    return str(place)


def name(_place: int, name: str, _unit: str) -> str:
    return name


def unit(_place: int, _name: str, unit: str) -> str:
    return unit


def said(text: str) -> Callable[[int, str, str], str]:
    return lambda _place, _name, _unit: text


def ticket(person: str, unit_name: str) -> Ticket:
    """A ticket for two sittings."""
    seats = tuple(
        SeatLine(
            MORNING + timedelta(days=day),
            MORNING + timedelta(days=day, hours=2),
            ("岗位技能", "职业道德"),
            "K01",
            "测试职业技术学院考点",
            "测试市测试路100号",
            "第一考场",
            120,
            "乘1路到测试学院站，从南门进入",
        )
        for day in range(2)
    )
    facts = ("20244101000001", YEAR, person, "123X", unit_name, 5, "t", seats, MORNING, "410105198005061234")
    return Ticket(UUID(int=1), UUID(int=2), *facts)


def tickets() -> bytes:
    heading = Heading(OFFICE, YEAR, {"t": TRADE})
    entries = [ticket(person, where) for person, where in PEOPLE[:2]]
    return PdfPrinter(PAPER_KEYS, ("请携带身份证。",), "0379-12345678").tickets(heading, entries, {})


def certificate(person: str, where: str) -> dict[str, str]:
    told = {"number": "2024410100000001", "identity": "410105198005061234", "photo": "", "grade": "高级技师（一级）"}
    place = {"unit": where, "trade": TRADE, "office": OFFICE, "issued_on": "2024年12月1日"}
    return {
        **told,
        **place,
        "name": person,
        "former": LONG,
        "replaces": "2019410100000001",
        "code": svg("测试"),
        "across": "",
    }


def of_person(person: str, where: str) -> dict[str, Any]:
    """The data of a form about one person."""
    rated = [{"year": year, "result": "合格（已备案）"} for year in range(YEAR - 5, YEAR)]
    return {
        **{"year": YEAR, "reference": "2024-000001", "round": 1, "submitted": "2024年3月25日 09:00", "name": person},
        **{"sex": "男", "born": "1980年5月6日", "identity": "410105198005061234", "education": "大学本科及以上"},
        **{"category": "机关工勤人员", "unit": where, "department": where, "first_job": "1999年"},
        **{"regularised": "2000年7月", "held": "四级", "held_trade": TRADE, "held_since": "2012年", "appointed": "否"},
        **{"grade": "三级", "trade": TRADE, "path": "逐级晋升（一线岗位）", "assessments": rated, "awards": "省级荣誉"},
        **{"office": OFFICE, "photo": [], "post": "科员", "office_phone": "0379-12345678", "mobile": "19900000000"},
        **{"day": "2024年3月25日"},
    }


NOTICE: Final = ("序号", "姓名", "身份证号码后四位", "单位", "等级", "工种", "备注")
CELLS: Final = (number, name, said("123X"), unit, said("高级技师（一级）"), said(TRADE), said(""))
LEDGER: Final = ("序号", "证书编号", "姓名", "身份证末四位", "单位", "等级", "工种")
PAPERS: Final[Mapping[str, Paper]] = {
    "register": Paper(
        of_form(
            "register", columns=NOTICE, widths=("10mm", "3fr", "22mm", "4fr", "26mm", "2fr", "2fr"), rows=lines(*CELLS)
        ),
        TITLE,
    ),
    "sanction": Paper(
        of_form(
            "sanction",
            number=f"{OFFICE}工考决〔2024〕1号",
            to=f"{LONG}、{SHORT}（身份证末四位123X，{UNIT}，申报编号2024-000001）：",
            paragraphs=[("一、事实", "事" * 4000), ("六、决定", "（一）取消当年申报资格。")],
            facts=[],
            office=OFFICE,
            made_on="2024年12月1日",
        ),
        TITLE,
        sealed=True,
    ),
    "access_letters": Paper(
        of_form(
            "access_letters",
            letters=[
                {"unit": where, "name": person, "login": "linshui-000001", "password": "Xk7-mQ2p-9LwZ"}
                for person, where in PEOPLE[:2]
            ],
            office=OFFICE,
            address="https://kaowu.example.org/sign-in",
            day="2024年3月25日",
        ),
        TITLE,
        sealed=True,
        paged=False,
    ),
    "accountability": Paper(
        of_form(
            "accountability",
            heading=[OFFICE, TITLE],
            number="2024年第1号",
            name=LONG,
            paragraphs=[f"经查，你（{UNIT}）未按规定到岗。" * 3, "现决定：通报批评。"],
            office=OFFICE,
            on="2024年6月22日",
        ),
        TITLE,
        (LONG, UNIT),
        sealed=True,
    ),
    "application_form": Paper(
        of_form("application_form", heading=[TITLE], **of_person(LONG, UNIT)), TITLE, (LONG, UNIT), sealed=True
    ),
    "attendance": Paper(
        of_form("attendance", text=f"兹证明{UNIT}{LONG}参加“培训”，出勤合格。", office=OFFICE, on="2024年5月1日"),
        TITLE,
        (LONG, UNIT),
        sealed=True,
    ),
    "award_excerpt": Paper(
        of_form(
            "award_excerpt",
            heading=[UNIT, TITLE],
            number="测试〔2024〕1号",
            office=OFFICE,
            period="2024年11月1日起7个工作日",
            made_on="2024年12月1日",
            year=str(YEAR),
            unit=UNIT,
            count=str(len(PEOPLE)),
            columns=NOTICE[:-1],
            rows=lines(*CELLS[:-1]),
        ),
        TITLE,
    ),
    "award_notice": Paper(
        of_form(
            "award_notice",
            heading=[OFFICE, TITLE],
            number="测试〔2024〕1号",
            basis="测试〔2024〕46号",
            course="公示（7个工作日）无异议",
            corrections=[f"2024年11月{day}日更正：更正1行（序号1：单位）。原因：{UNIT}更名。" for day in (4, 5)],
            office=OFFICE,
            made_on="2024年12月1日",
            count=len(PEOPLE),
            columns=NOTICE,
            rows=lines(*CELLS),
        ),
        TITLE,
        sealed=True,
    ),
    "case_history": Paper(
        of_form(
            "case_history",
            facts=[("申报编号", "2024-000001"), ("姓名", LONG), ("单位", UNIT), ("现状", "待资格审查")],
            rows=lines(said("2024年3月25日 09:00"), lambda _n, who, where: f"{where}的{who}提交申请。", said("第1批")),
            made_by=f"审查人员 {LONG}",
            made_at="2024年3月25日 09:00",
        ),
        TITLE,
        sealed=True,
    ),
    "certificate_ledger": Paper(
        of_form(
            "certificate_ledger",
            office=OFFICE,
            made_on="2024年12月1日",
            columns=(*LEDGER, "发证日期", "纸质证书", "签领人、日期"),
            rows=lines(
                number,
                said("2024410100000001"),
                name,
                said("123X"),
                unit,
                said("高级技师（一级）"),
                said(TRADE),
                said("2024年12月1日"),
                said("已移交单位待签领"),
                lambda _n, who, _u: f"{who} 2024年12月20日",
            ),
        ),
        TITLE,
    ),
    "handover": Paper(
        of_form(
            "handover",
            office=OFFICE,
            body=UNIT,
            serial=1,
            handed_by=LONG,
            handed_on="2024年12月1日",
            receiver=LONG,
            received_on="2024年12月20日",
            void="",
            columns=("序号", "姓名", "身份证末四位", "等级", "工种", "证书编号", "材料"),
            widths=("11mm", "2fr", "18mm", "26mm", "3fr", "42mm", "5fr"),
            rows=lines(
                number,
                name,
                said("123X"),
                said("高级技师（一级）"),
                said(TRADE),
                said("2024410100000001（原证号2023410100000001）"),
                said("申报表1份，考核结果和证书登记1份"),
            ),
            note="请逐人核对后归入本人人事档案。",
        ),
        TITLE,
        sealed=True,
    ),
    "certificate_receipt": Paper(
        of_form(
            "certificate_receipt",
            office=OFFICE,
            unit=UNIT,
            serial=12,
            count=len(PEOPLE),
            receiver=LONG,
            handed_on="2024年12月1日",
            columns=(*LEDGER[:4], *LEDGER[5:], "签领人签字", "签领日期"),
            rows=lines(
                number,
                said("2024410100000001"),
                name,
                said("123X"),
                said("高级技师（一级）"),
                said(TRADE),
                said(""),
                said(""),
            ),
        ),
        TITLE,
    ),
    "certificates": Paper(
        of_form("certificates", papers=[certificate(person, where) for person, where in PEOPLE[:2]]),
        TITLE,
        sealed=True,
        paged=False,
    ),
    "duties": Paper(
        of_form(
            "duties",
            heading=[TITLE],
            office=OFFICE,
            made_at="2024年6月1日 09:00",
            draft="",
            columns=("时间", "考点", "考场", "监考人员（★为主监考）", "签名"),
            rows=lines(
                said("6月15日\n09:00—11:00"),
                said("测试职业技术学院考点"),
                said("第一考场"),
                lambda _n, who, where: f"★{who}（{where}）",
                said(""),
            ),
        ),
        TITLE,
    ),
    "emergency": Paper(
        of_form(
            "emergency",
            heading=(OFFICE, TITLE),
            office=OFFICE,
            facts=[("类别", "网络或电力中断"), ("考点、考场", UNIT), ("现状", "未办结")],
            people=lines(said("41002024000001"), name, said("1234")),
            lines=lines(said("2024年6月22日 09:00"), said("初报"), unit, name, said(UNIT)),
            measures=UNIT,
            made_by="考评员",
            made_at="2024年6月22日 10:00",
        ),
        TITLE,
        sealed=True,
    ),
    "filing_receipt": Paper(
        of_form(
            "filing_receipt",
            office=OFFICE,
            text=f"你单位报送的{UNIT}收悉，准予备案。",
            facts=[("备案号", "测试备2024-0001"), ("报送人", LONG), ("内容校验值", " ".join(["abcdefabcdef"] * 5))],
            center=OFFICE,
            on="2024年12月1日",
        ),
        TITLE,
        (LONG, UNIT),
        sealed=True,
    ),
    "manager_form": Paper(
        of_form("manager_form", heading=[TITLE], **of_person(LONG, UNIT)), TITLE, (LONG, UNIT), sealed=True
    ),
    "onsite": Paper(
        of_form(
            "onsite",
            landscape=False,
            facts=[("单位", UNIT), ("接收机构", OFFICE)],
            columns=("序号", "姓名", "申报编号", "收取的原件", "单位"),
            widths=(0, 2, 0, 2, 4),
            rows=lines(number, name, said("2024-000001"), said("身份证、毕业证书"), unit),
            closing=f"以上材料已接收，共{len(PEOPLE)}人。",
            seal=f"{OFFICE}盖章",
            signed="接收人：\n\n\n送交人：",
        ),
        TITLE,
        sealed=True,
    ),
    "patrol": Paper(
        of_form(
            "patrol",
            heading=(OFFICE, TITLE),
            office=OFFICE,
            facts=[("编号", "2024年第1次"), ("现状", "进行中"), ("巡视人员", f"{SHORT}、{LONG}"), ("重点和要求", UNIT)],
            visits=lines(unit, said("2024年6月22日"), name, said(UNIT), said("2")),
            findings=lines(unit, said(UNIT), said("当天调整"), said(UNIT)),
            summary=UNIT,
            made_by="考评员",
            made_at="2024年6月22日 10:00",
        ),
        TITLE,
        sealed=True,
    ),
    "report": Paper(
        of_form(
            "report",
            heading=(OFFICE, TITLE),
            sections=[("申报", [(UNIT, "100000"), (SHORT, "0")])],
            late=lines(number, said("2024年4月1日"), lambda _n, who, where: f"{where}{who}"),
            filings=[("考试时间", "第1版", "已备案", "测试备2024-0001")],
            day="2024年12月1日",
            office=OFFICE,
        ),
        TITLE,
        sealed=True,
    ),
    "roster": Paper(
        of_form(
            "roster",
            unit=UNIT,
            year=YEAR,
            version=1,
            made_at="2024年3月25日 09:00",
            columns=("序号", "姓名", "身份证号码", "单位", "申报等级", "申报工种", "申报编号", "备注"),
            rows=lines(
                *(number, name, said("410105198005061234"), unit, said("高级技师（一级）"), said(TRADE)),
                *(said("2024-000001"), said("容缺后补")),
            ),
        ),
        TITLE,
        sealed=True,
    ),
    "ticket": Paper(tickets, "准考证", sealed=True),
}
ROOMS: Final = (SHAPES["one seat"], SHAPES["a hundred and twenty in rows"])
OF_EXAMS: Final = [kind for kind in PaperKind if kind is not PaperKind.TICKETS]


def printed_forms() -> set[str]:
    """The templates that the code prints: the first argument of ``pdf`` and of ``_compiled``."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "core").rglob("*.py")]
    return {form for source in sources for form in re.findall(r'\b(?:pdf|_compiled)\(\s*"(\w+)"', source)}


def test_every_kind_of_paper_has_its_case() -> None:
    forms = printed_forms()
    assert forms == {template.stem for template in TEMPLATES.glob("*.typ")} - {"form"}
    assert forms - {"room"} == PAPERS.keys()


def crossed(content: bytes) -> list[str]:
    """Characters through which a line of a table goes: a text that is higher than its row."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [fault for number_, page in enumerate(document, start=1) for fault in _crossed(number_, page)]
    finally:
        document.close()


def _crossed(number_: int, page: pypdfium2.PdfPage) -> Iterator[str]:
    boxes = [found.get_bounds() for found in page.get_objects(filter=[FPDF_PAGEOBJ_PATH])]
    lines_ = [(left, right, (low + high) / 2) for left, low, right, high in boxes if high - low < 2 < right - left]
    text = page.get_textpage()
    for place in range(text.count_chars()):
        left, low, right, high = text.get_charbox(place)
        middle = (left + right) / 2
        if any(low + 1 < at < high - 1 and begins < middle < ends for begins, ends, at in lines_):
            yield f"page {number_}: a line goes through {text.get_text_range(place, 1)!r}"
    text.close()


@pytest.mark.parametrize("form", PAPERS)
def test_a_paper_with_the_extremes_is_whole(form: str) -> None:
    paper = PAPERS[form]
    content = paper.make()
    pages = pages_of(content)
    assert faults_of(content) + crossed(content) == []
    text = "".join(pages)
    assert paper.title in text
    assert [wanted for wanted in paper.said if wanted not in text] == []
    # An excerpt only says that the whole notice is sealed.
    assert ("盖章" in text.replace("发文机构盖章的通知", "")) == paper.sealed
    numbers = [re.findall(r"第(\d+)页共(\d+)页", page) for page in pages]
    # Tickets are a page each.
    each = [[("1", "1")]] * len(pages) if form == "ticket" else [[(str(n), str(len(pages)))] for n in _to(len(pages))]
    assert numbers == (each if paper.paged else [[]] * len(pages))


def _to(last: int) -> range:
    return range(1, last + 1)


@pytest.mark.parametrize("kind", OF_EXAMS)
def test_a_paper_of_an_exam_is_whole_in_a_room_of_one_and_of_120(kind: PaperKind) -> None:
    sheets = [room(shape) for shape in ROOMS] if of_room(kind) else []
    content = printed(kind, sheets, SITE if of_site(kind) else None)
    text = "".join(pages_of(content))
    assert faults_of(content) == []
    assert (KIND_NAMES[kind] if kind is not PaperKind.WHOLE_SITE else KIND_NAMES[PaperKind.DOOR_LISTS]) in text
    named = [who for sheet in sheets for who in sheet.sitters]
    if kind in {PaperKind.DOOR_LISTS, PaperKind.SEAT_CHARTS, PaperKind.DESK_LABELS, PaperKind.SIGN_IN_SHEETS}:
        assert [who.number for who in named if who.number not in text or who.person_name not in text] == []
    for number_, total in re.findall(r"第(\d+)页共(\d+)页", text):
        assert int(number_) <= int(total)
