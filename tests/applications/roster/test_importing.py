"""A unit's table of people: read from Excel or CSV, every row's errors at once, and taken in whole or in part."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date
from uuid import UUID

import pytest
import xlsxwriter
from sqlalchemy import select

from core.applications.roster.importing import Import, Vocabulary, import_rows
from core.applications.roster.table import COLUMNS, MOST_ROWS, read_rows, template
from core.domain.identity_number import simulated
from core.domain.workflow import State
from core.errors import Invalid
from core.messages.models import Notice, OutboxMessage
from core.plugin_api import Sex
from core.reviews import unit_people
from core.text.filled_tables import Row
from tests.cases import CITY, KEYS, YEAR, Season

TITLES = [column.title for column in COLUMNS]
CHOICES: Mapping[str, Mapping[str, object]] = {
    "staff_category": {"在岗正式工作人员": "regular"},
    "education": {"高中（含中专、职高、技工学校）": 2},
    "current_grade": {"五级": 5, "四级": 4},
    "grade": {"五级": 5, "四级": 4},
    "path": {"逐级晋级": "ladder"},
}


def person(number: int, **changed: str) -> dict[str, str]:
    """A row that is right; an empty text takes a cell away."""
    usual = {
        "name": f"测试乙{number:04d}",
        "id_number": simulated(500_000 + number, date(1990, 5, 6), Sex.FEMALE),
        "staff_category": "在岗正式工作人员",
        "first_job_year": "2019",
        "regularised_on": "2020/7/1",
        "education": "高中（含中专、职高、技工学校）",
        "grade": "五级",
        "path": "逐级晋级",
        "trade": "保管工",
    }
    return {code: text for code, text in {**usual, **changed}.items() if text}


def rows_of(*those: dict[str, str]) -> list[Row]:
    return [Row(number, cells) for number, cells in enumerate(those, start=3)]


def as_csv(*those: dict[str, str]) -> str:
    lines = [",".join(TITLES), *(",".join(one.get(column.code, "") for column in COLUMNS) for one in those)]
    return "\r\n".join(lines) + "\r\n"


def as_excel(*those: dict[str, str]) -> bytes:
    """The template, filled in."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["序号", *TITLES])
        for at, one in enumerate(those, start=1):
            sheet.write_row(at, 0, [str(at), *(one.get(column.code, "") for column in COLUMNS)])
    return file.getvalue()


def take_in(season: Season, unit_id: UUID, rows: list[Row], *, good_only: bool = False) -> Import:
    vocabulary = Vocabulary(CHOICES, season.offices.catalogue.season(YEAR).trades)
    with season.as_unit(unit_id) as session:
        return import_rows(
            session, rows, unit_id=unit_id, year=YEAR, vocabulary=vocabulary, keys=KEYS, good_only=good_only
        )


def drafts(season: Season, unit_id: UUID) -> int:
    with season.as_unit(unit_id) as session:
        return unit_people.counts(session, YEAR).get(State.DRAFT, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_every_encoding_that_table_software_writes(encoding: str) -> None:
    found = read_rows(as_csv(person(1, name="测试𠮷"), person(2)).encode(encoding))
    assert [(row.number, row.cells["name"]) for row in found] == [(2, "测试𠮷"), (3, "测试乙0002")]


def test_excel_is_read_with_its_own_row_numbers_and_without_the_example() -> None:
    example = {**person(1), "name": "测试甲"}
    content = as_excel(example, {}, person(2))
    assert [row.number for row in read_rows(content)] == [2, 4]
    untouched = template({column.code: ["五级"] for column in COLUMNS})
    with pytest.raises(Invalid, match="没有人员"):
        read_rows(untouched)


def test_a_number_that_lost_its_digits_and_a_date_cell_are_understood() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, TITLES)
        sheet.write_string(1, 0, "测试乙")
        sheet.write_number(1, 1, 417100199005060000)
        sheet.write_number(1, TITLES.index("参加工作年份"), 2019)
        sheet.write_datetime(1, TITLES.index("转正定级日期"), date(2020, 7, 1), day)
    row = read_rows(file.getvalue())[0]
    cells = row.cells
    assert "末几位已经丢失" in row.faults["id_number"]
    assert (cells["first_job_year"], cells["regularised_on"]) == ("2019", "2020-07-01")


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for number in range(4):
            package.writestr(f"xl/media/{number}.xml", b"0" * 10_000_000)
    return file.getvalue()


def far_cell() -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, TITLES)
        sheet.write(1_048_575, 16_383, "远")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "没有找到标题行"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 100, "旧版Excel"),
        (b"PK\x03\x04 not really", "损坏"),
        (b"\x89PNG\xff\xff\xff", "无法识别"),
        (b"0" * (2 * 1024 * 1024 + 1), "超过2MB"),
        ("姓名,身份证号码\r\n测试乙,1".encode(), "缺少这些列"),
        (bomb(), "过大"),
        (far_cell(), "很远的单元格"),
        (as_csv(*[person(1)] * (MOST_ROWS + 1)).encode(), "一次最多导入"),
    ],
    ids=["empty", "xls", "broken", "binary", "large", "columns", "bomb", "far", "many"],
)
def test_what_is_no_such_table_is_refused_and_says_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_rows(content)


@pytest.mark.parametrize(
    ("changed", "column", "said"),
    [
        ({"id_number": "417100199005060001"}, "id_number", "校验位"),
        ({"id_number": ""}, "id_number", "请填写"),
        ({"trade": "没有的工种"}, "trade", "没有“没有的工种”这个工种"),
        ({"education": ""}, "education", "请填写学历"),
        ({"regularised_on": "2020年13月1日"}, "regularised_on", "转正定级日期应写作"),
        ({"regularised_on": "2018-07-01"}, "regularised_on", "早于参加工作年份"),
        ({"first_job_year": "去年"}, "first_job_year", "四位数年份"),
        ({"phone": "123"}, "phone", "手机"),
        ({"current_grade": "五级"}, "current_grade_year", "请填写取得五级证书的年份"),
    ],
)
def test_each_fault_is_told_beside_its_row_and_nothing_is_kept(
    season: Season, changed: dict[str, str], column: str, said: str
) -> None:
    unit_id = season.add_unit()
    made = take_in(season, unit_id, rows_of(person(1), person(2, **changed)))
    assert [(row.number, column in row.faults) for row in made.refused] == [(4, True)]
    assert said in made.refused[0].faults[column]
    assert (made.done, made.good, len(made.refused)) == (False, 1, 1)
    assert drafts(season, unit_id) == 0


def test_a_name_that_differs_a_number_twice_and_another_application_are_refused(season: Season) -> None:
    unit_id = season.add_unit()
    take_in(season, unit_id, rows_of(person(1), person(2)))
    made = take_in(
        season, unit_id, rows_of(person(1, name="测试丙"), person(2, grade="四级"), person(3), person(3, name="测试丁"))
    )
    texts = [" ".join(row.lines) for row in made.refused]
    assert [row.number for row in made.refused] == [3, 4, 6]
    assert "已用另一姓名登记" in texts[0]
    assert "本年度已有申报" in texts[1]
    assert "与第5行的身份证号码重复" in texts[2]
    assert drafts(season, unit_id) == 2


def test_a_table_is_taken_in_in_part_and_then_whole_and_never_twice(season: Season) -> None:
    unit_id = season.add_unit()
    good = [person(number) for number in range(1, 21)]
    bad = [{**one, "trade": "没有的工种"} if at % 10 == 0 else one for at, one in enumerate(good)]
    refused = take_in(season, unit_id, read_rows(as_excel(*bad)))
    assert (refused.done, len(refused.refused), drafts(season, unit_id)) == (False, 2, 0)
    part = take_in(season, unit_id, read_rows(as_excel(*bad)), good_only=True)
    assert (part.done, part.good, drafts(season, unit_id)) == (True, 18, 18)
    whole = take_in(season, unit_id, read_rows(as_excel(*good)))
    assert (whole.done, whole.good, whole.existed, drafts(season, unit_id)) == (True, 2, 18, 20)
    again = take_in(season, unit_id, read_rows(as_excel(*good)))
    assert (again.done, again.good, again.existed, drafts(season, unit_id)) == (True, 0, 20, 20)


def test_everybody_imported_is_told_of_the_draft_and_whom_no_message_reaches_is_named(season: Season) -> None:
    unit_id = season.add_unit()
    rows = rows_of(person(901, phone="13900000901"), person(902))
    made = take_in(season, unit_id, rows)
    assert [outcome.name for outcome in made.unreachable] == ["测试乙0902"]
    again = take_in(season, unit_id, rows)
    assert (again.existed, [outcome.name for outcome in again.unreachable]) == (2, ["测试乙0902"])
    with season.as_system(CITY) as session:
        notices = session.scalars(select(Notice).where(Notice.kind == "draft_waits")).all()
        sent = session.scalars(select(OutboxMessage.person_id).where(OutboxMessage.kind == "draft_waits")).all()
    assert len(notices) == len(set(sent)) == 2
    assert "2024年4月5日前" in notices[0].body
    assert "用本人居民身份证和手机号注册" in notices[0].body
    assert all(number not in notices[0].body for number in ("13900000901", rows[0].cells["id_number"]))


def test_a_refused_table_tells_nobody(season: Season) -> None:
    unit_id = season.add_unit()
    assert not take_in(season, unit_id, rows_of(person(903), person(904, education="没有"))).done
    with season.as_system(CITY) as session:
        assert session.scalars(select(Notice).where(Notice.kind == "draft_waits")).all() == []
    assert take_in(season, unit_id, rows_of(person(903), person(904, education="没有")), good_only=True).done
    with season.as_system(CITY) as session:
        assert len(session.scalars(select(Notice).where(Notice.kind == "draft_waits")).all()) == 1
