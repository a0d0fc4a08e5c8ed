"""Tables as offices send them: each with how it is read, or the code by which it is refused."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from core.domain.identity_number import simulated
from core.plugin_api import Sex
from tests.corpus.workbooks import (
    EXCEL_365,
    EXCEL_2007,
    EXCEL_STRICT,
    LIBREOFFICE,
    PREFIXED,
    PROGRAM,
    WPS,
    Fault,
    Formula,
    Page,
    workbook,
)

SUBJECTS: Final = ("岗位技能", "职业道德", "职业能力", "专业基础知识")


@dataclass(frozen=True)
class Sent:
    """A file with its expected reading: rows by number, or the code of its refusal; and some of what is told."""

    name: str
    kind: str
    content: bytes
    rows: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    refused: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)
    faults: Mapping[int, str] = field(default_factory=dict)


def person(number: int) -> str:
    """The identity number of an invented person."""
    return simulated(700_000 + number, date(1990, 1, 5), Sex.MALE)


# --- Marks -----------------------------------------------------------------------------------------------------------

_HEAD: Final = ("申报编号", "姓名", "岗位技能")
_A: Final = ("LS-1", "测试甲", 80)
_B: Final = ("LS-2", "测试乙", 85.3)


def _mark(number: str, name: str, skill: str, **more: str) -> dict[str, str]:
    return {"number": number, "name": name, "岗位技能": skill} | more


_BOTH: Final = {2: _mark("LS-1", "测试甲", "80"), 3: _mark("LS-2", "测试乙", "85.3")}


def _csv(text: str, encoding: str = "utf-8") -> bytes:
    return text.encode(encoding)


def _of(maker: Any, *rows: Sequence[Any], **more: Any) -> bytes:
    return workbook(maker, Page(rows, **more))


_PLAIN: Final = "申报编号,姓名,岗位技能\r\nLS-1,测试甲,80\r\nLS-2,测试乙,85.3\r\n"


def _marks() -> list[Sent]:
    return [
        *(
            Sent(f"marks-{maker.name}.xlsx", "marks", _of(maker, _HEAD, _A, _B), _BOTH)
            for maker in (EXCEL_2007, EXCEL_365, EXCEL_STRICT, WPS, LIBREOFFICE, PROGRAM, PREFIXED)
        ),
        Sent("marks-utf8.csv", "marks", _csv(_PLAIN), _BOTH),
        Sent("marks-utf8-bom.csv", "marks", _csv(_PLAIN, "utf-8-sig"), _BOTH),
        Sent("marks-gb18030.csv", "marks", _csv(_PLAIN, "gb18030"), _BOTH),
        Sent("marks-utf16.csv", "marks", _csv(_PLAIN, "utf-16"), _BOTH),
        Sent("marks-utf16-without-mark.csv", "marks", _csv(_PLAIN, "utf-16-le"), _BOTH),
        Sent("marks-tabs.txt", "marks", _csv(_PLAIN.replace(",", "\t"), "utf-16"), _BOTH),
        Sent("marks-semicolons.csv", "marks", _csv(_PLAIN.replace(",", ";")), _BOTH),
        Sent("marks-wide-commas.csv", "marks", _csv(_PLAIN.replace(",", "，")), _BOTH),
        Sent(
            "marks-names-its-separator.csv",
            "marks",
            _csv("sep=;\r\n" + _PLAIN.replace(",", ";")),
            {3: _BOTH[2], 4: _BOTH[3]},
        ),
        Sent("marks-old-mac.csv", "marks", _csv(_PLAIN.replace("\r\n", "\r")), _BOTH),
        Sent(
            "marks-title-above-semicolons.csv",
            "marks",
            _csv("2024年度成绩表\r\n" + _PLAIN.replace(",", ";"), "gb18030"),
            {3: _BOTH[2], 4: _BOTH[3]},
            told={"header": (2,)},
        ),
        Sent(
            "marks-titles-with-notes.xlsx",
            "marks",
            _of(WPS, ("准考证号：", "姓　名", "岗位技能(分)"), _A, _B),
            _BOTH,
            told={"absent": ("科目", "成绩", "考试情况")},
        ),
        Sent(
            "marks-titles-in-wide-brackets.xlsx",
            "marks",
            _of(EXCEL_2007, ("*准考证\n号", "姓\n名", "岗位技能成绩（分）"), _A, _B),
            _BOTH,
        ),
        Sent(
            "marks-subject-in-brackets.xlsx",
            "marks",
            _of(WPS, ("1.申报编号", "2.考生姓名", "3.成绩（岗位技能）"), _A, _B),
            _BOTH,
        ),
        Sent(
            "marks-rows-of-subjects.xlsx",
            "marks",
            _of(EXCEL_365, ("考号", "姓名", "考试科目", "成绩(分)"), ("LS-1", "测试甲", "岗位技能", 80)),
            {2: {"number": "LS-1", "name": "测试甲", "subject": "岗位技能", "mark": "80"}},
        ),
        Sent(
            "marks-two-rows-of-titles.xlsx",
            "marks",
            _of(
                WPS,
                ("2024年成绩表",),
                ("申报编号", "姓名", "成绩"),
                (None, None, "岗位技能", "职业道德"),
                ("LS-1", "测试甲", 80, 70),
                merged=("A1:D1", "A2:A3", "B2:B3", "C2:D2"),
            ),
            {4: _mark("LS-1", "测试甲", "80", 职业道德="70")},
            told={"header": (2, 3)},
        ),
        Sent(
            "marks-two-rows-of-titles-with-rank.xlsx",
            "marks",
            _of(
                EXCEL_2007,
                ("申报编号", "姓名", "岗位技能", None, "职业道德"),
                (None, None, "成绩", "名次", "成绩"),
                ("LS-1", "测试甲", 80, 1, 70),
                merged=("A1:A2", "B1:B2", "C1:D1"),
            ),
            {3: _mark("LS-1", "测试甲", "80", 职业道德="70")},
            told={"ignored": ("名次",)},
        ),
        Sent(
            "marks-formulas.xlsx",
            "marks",
            _of(
                EXCEL_365,
                _HEAD,
                ("LS-1", "测试甲", Formula("40+40", 80)),
                ("LS-2", "测试乙", Formula("B1", 85.30000000000001)),
            ),
            _BOTH,
            told={"changed": ("C3:85.30000000000001:85.3",)},
        ),
        Sent(
            "marks-formulas-of-libreoffice.xlsx",
            "marks",
            _of(LIBREOFFICE, _HEAD, ("LS-1", "测试甲", Formula("A1", 80)), ("LS-2", Formula("B9", "测试乙"), 85.3)),
            _BOTH,
        ),
        Sent(
            "marks-formula-without-result.xlsx",
            "marks",
            _of(PROGRAM, _HEAD, _A, ("LS-2", "测试乙", Formula("C2+5.3"))),
            {2: _BOTH[2], 3: {"number": "LS-2", "name": "测试乙"}},
            faults={3: "单元格C3是公式，文件里没有保存计算结果"},
        ),
        Sent(
            "marks-error-values.xlsx",
            "marks",
            _of(WPS, _HEAD, _A, ("LS-2", Fault("#N/A"), 85.3)),
            {2: _BOTH[2], 3: {"number": "LS-2", "岗位技能": "85.3"}},
            faults={3: "单元格B3是公式错误（#N/A）"},
        ),
        Sent(
            "marks-numbers-as-text.xlsx",
            "marks",
            _of(WPS, _HEAD, ("LS-1", "测试甲", "80"), ("LS-2", "测试乙", " 85.3 ")),
            _BOTH,
        ),
        Sent(
            "marks-computed-by-a-program.csv",
            "marks",
            _csv(_PLAIN.replace("85.3", "85.30000000000001")),
            {2: _BOTH[2], 3: _mark("LS-2", "测试乙", "85.30000000000001")},
        ),
        Sent(
            "marks-summary-rows.xlsx",
            "marks",
            _of(
                EXCEL_2007,
                _HEAD,
                _A,
                (),
                _B,
                ("平均分", None, Formula("AVERAGE(C2:C4)", 82.65)),
                ("合　计", "2人"),
                ("填表人：测试丙", None, "审核人：测试丁"),
                ("说明：缺考的注明“缺考”。",),
                merged=("A9:C9",),
            ),
            {2: _BOTH[2], 4: _BOTH[3]},
            told={"left": (5, 6, 7, 8)},
        ),
        Sent(
            "marks-titles-again-on-each-page.xlsx",
            "marks",
            _of(WPS, _HEAD, _A, _HEAD, _B),
            {2: _BOTH[2], 4: _BOTH[3]},
            told={"left": (3,)},
        ),
        Sent(
            "marks-absent-merged.xlsx",
            "marks",
            _of(WPS, (*_HEAD, "职业道德"), ("LS-1", "测试甲", "缺考"), merged=("C2:D2",)),
            {2: _mark("LS-1", "测试甲", "缺考", 职业道德="缺考")},
            told={"merged": ("C2:D2",)},
        ),
        Sent(
            "marks-several-sheets.xlsx",
            "marks",
            workbook(
                EXCEL_2007,
                Page([("使用说明",), ("请按准考证号填写",)], name="说明"),
                Page([_HEAD, _A, _B], name="成绩"),
                Page([], name="Sheet3"),
            ),
            _BOTH,
            told={"sheet": "成绩", "others": 2},
        ),
        Sent(
            "marks-on-two-sheets.xlsx",
            "marks",
            workbook(EXCEL_2007, Page([_HEAD, _A], name="甲"), Page([_HEAD, _B], name="乙")),
            refused="marks_several_sheets",
        ),
        Sent(
            "marks-hidden-sheet.xlsx",
            "marks",
            workbook(WPS, Page([_HEAD, _B], name="旧", state="hidden"), Page([_HEAD, _A], name="新")),
            {2: _BOTH[2]},
            told={"sheet": "新", "others": 1},
        ),
        Sent(
            "marks-hidden-column.xlsx",
            "marks",
            _of(EXCEL_365, _HEAD, _A, _B, hidden_columns=("B",)),
            _BOTH,
            told={"hidden": ("B",)},
        ),
        Sent(
            "marks-hidden-row.xlsx",
            "marks",
            _of(EXCEL_365, _HEAD, _A, _B, hidden_rows=(3,)),
            refused="marks_hidden_rows",
        ),
        Sent(
            "marks-filtered.xlsx",
            "marks",
            _of(WPS, _HEAD, _A, _B, hidden_rows=(2,), filtered="A1:C3"),
            refused="marks_hidden_rows",
        ),
        Sent(
            "marks-number-that-lost-digits.xlsx",
            "marks",
            _of(WPS, ("准考证号", "姓名", "岗位技能"), (41010119900101000, "测试甲", 80)),
            {2: {"name": "测试甲", "岗位技能": "80"}},
            faults={2: "末几位已经丢失"},
        ),
        Sent(
            "marks-names-twice.xlsx",
            "marks",
            _of(WPS, ("申报编号", "姓名", "姓　名", "岗位技能"), ("LS-1", "测试甲", "测试乙", 80)),
            refused="marks_columns_twice",
        ),
        Sent("marks-without-titles.xlsx", "marks", _of(WPS, _A, _B), refused="marks_no_header"),
        Sent("marks-without-rows.xlsx", "marks", _of(WPS, _HEAD), refused="marks_nobody"),
    ]


# --- Other formats ---------------------------------------------------------------------------------------------------


def _zip_with(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr(name, "测试")
    return file.getvalue()


_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512


def _other_formats() -> list[Sent]:
    table = "<table><tr><td>申报编号</td></tr></table>"
    xml = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    files = {
        "is_pdf": b"%PDF-1.7\n",
        "is_picture": b"\x89PNG\r\n\x1a\n",
        "old_excel": _OLE + "Workbook".encode("utf-16-le"),
        "is_word": _OLE + "WordDocument".encode("utf-16-le"),
        "locked": _OLE + "EncryptedPackage".encode("utf-16-le"),
        "is_ods": _zip_with("content.xml"),
        "is_xlsb": _zip_with("xl/workbook.bin"),
        "is_archive": _zip_with("成绩.csv"),
        "is_web_page": f"<html><body>{table}</body></html>".encode("gb18030"),
        "is_xml_table": xml.encode(),
    }
    return [Sent(f"other-{code}", "marks", content, refused=f"marks_{code}") for code, content in files.items()]


# --- Rosters ---------------------------------------------------------------------------------------------------------

_ROSTER: Final = (
    "姓名",
    "身份证号码",
    "人员类别",
    "参加工作年份",
    "转正定级日期",
    "学历",
    "申报等级",
    "申报途径",
    "申报工种",
)
_PERSONNEL_FILE: Final = (
    "姓　名",
    "公民身份号码",
    "人员\n类别",
    "参加工作时间",
    "转正定级时间",
    "学历（最高）",
    "申报等级：",
    "申报途径*",
    "工种",
)
_CHOSEN: Final = ("在岗正式工作人员", "高中", "五级", "逐级晋级", "保管工")


def _roster_row(number: object, first: object, regular: object) -> tuple[object, ...]:
    staff, education, grade, path, trade = _CHOSEN
    return ("测试甲", number, staff, first, regular, education, grade, path, trade)


def _roster(
    name: str, first: object, regular: object, *, read: tuple[object, str] | None = None, fault: str = "", **more: Any
) -> Sent:
    """One person; ``read`` are the year and the day that the draft holds."""
    content = _of(
        more.get("maker", WPS), more.get("titles", _ROSTER), _roster_row(more.get("number", person(1)), first, regular)
    )
    told = {} if read is None else {"draft": {"first_job_year": read[0], "regularised_on": read[1]}}
    return Sent(f"roster-{name}.xlsx", "roster", content, told=told, faults={2: fault} if fault else {})


def _rosters() -> list[Sent]:
    day, quoted = (2010, "2011-07-01"), _roster_row(f'="{person(1)}"', "2010", "2011-07")
    return [
        _roster("plain", "2010", "2011-07-01", read=day),
        _roster("real-dates", date(2010, 9, 1), date(2011, 7, 1), read=day, maker=EXCEL_2007),
        _roster("strict-dates", date(2010, 9, 1), date(2011, 7, 1), read=day, maker=EXCEL_STRICT),
        _roster("eight-digits", "20100901", "20110701", read=day),
        _roster("eight-digits-as-numbers", 20100901, 20110701, read=day),
        _roster("year-and-month", "2010-9", "2011-7", read=day),
        _roster("chinese-month", "2010年9月", "2011年7月", read=day),
        _roster("six-digits", "201009", "201107", read=day),
        _roster("dots", "2010.09.05", "2011.07.01", read=day),
        _roster("full-width", "２０１０年", "２０１１．０７．０１", read=day),
        _roster("slashes-and-time", "2010/9/1", "2011/7/1 0:00:00", read=day),
        _roster("year-with-word", "2010年", "2011年7月1日", read=day),
        _roster("doubtful-month", 2010.1, "2011.1", fault="分不清是1月还是10月"),
        _roster("only-a-year-for-a-day", "2010", "2011", fault="只有年份"),
        _roster("no-such-day", "2010", "2011-02-30", fault="转正定级日期应写作"),
        _roster("titles-of-a-personnel-file", "2010", "2011-07-01", read=day, titles=_PERSONNEL_FILE),
        _roster("number-with-apostrophe", "2010", "2011-07-01", read=day, number=f"'{person(1)}"),
        _roster("number-in-full-width", "2010", "2011-07-01", read=day, number=person(1).translate(
            {ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}
        )),
        _roster("number-as-number", "2010", "2011-07-01", number=int(person(2)[:17] + "0"), fault="末几位已经丢失"),
        _roster("number-in-scientific-writing", "2010", "2011-07-01", number="4.17101E+17", fault="末几位已经丢失"),
        Sent(
            "roster-formula-of-text.csv",
            "roster",
            _csv("\n".join(",".join(map(str, row)) for row in (_ROSTER, quoted))),
            told={"draft": {"first_job_year": 2010, "regularised_on": "2011-07-01"}},
        ),
        Sent(
            "roster-without-grade.xlsx",
            "roster",
            _of(WPS, _ROSTER[:6], _roster_row(person(1), "2010", "2011")[:6]),
            refused="roster_columns_missing",
        ),
    ]  # fmt: skip


# --- Invigilators ----------------------------------------------------------------------------------------------------


def _invigilators() -> list[Sent]:
    return [
        Sent(
            "invigilators-merged-unit.xlsx",
            "invigilators",
            _of(
                WPS,
                ("监考人员名单",),
                ("序号", "姓 名", "工作单位（全称）", "回避单位"),
                (1, "测试甲", "测试单位一", "测试单位二\n测试单位三"),
                (2, "测试乙"),
                ("合计", "2人"),
                merged=("A1:D1", "C3:C4"),
            ),
            {
                3: {"name": "测试甲", "unit": "测试单位一", "avoids": "测试单位二\n测试单位三"},
                4: {"name": "测试乙", "unit": "测试单位一"},
            },
            told={"merged": ("C3:C4",), "left": (5,), "header": (2,)},
        ),
        Sent(
            "invigilators-numbered-empty-rows.xlsx",
            "invigilators",
            _of(EXCEL_365, ("编号", "姓名", "所在单位"), ("J001", "测试甲", "测试单位一"), (None, None, None)),
            {2: {"number": "J001", "name": "测试甲", "unit": "测试单位一"}},
        ),
        Sent(
            "invigilators-pasted.txt",
            "invigilators",
            _csv("姓名\t所在单位\r\n测试甲\t测试单位一\r\n负责人：测试丙\t\r\n"),
            {2: {"name": "测试甲", "unit": "测试单位一"}},
            told={"left": (3,)},
        ),
    ]


TABLES: Final = [*_marks(), *_other_formats(), *_rosters(), *_invigilators()]
