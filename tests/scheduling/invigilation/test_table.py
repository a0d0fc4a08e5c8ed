"""A table of invigilators: pasted or sent, taken in whole, or refused row by row with nothing kept."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from core.errors import Invalid
from core.organizations.models import Unit
from core.scheduling.invigilation import table as invigilator_table
from core.scheduling.invigilation.register import InvigilatorForm, add_invigilators, register_of
from core.scheduling.invigilation.table import import_invigilators, read_table, template
from tests.cases import YEAR
from tests.scheduling.conftest import Exams, admitted

PASTED = "编号\t姓名\t所在单位\t回避单位\nA7\t测试监考甲\t{unit}\t\n\t测试监考乙\t其他学校\t{unit}\n"


def test_what_is_pasted_goes_on_the_register_with_units_to_avoid(exams: Exams) -> None:
    case = admitted(exams)
    with exams.at_work() as session:
        unit = session.get_one(Unit, case.unit).name
        made = import_invigilators(session, YEAR, read_table(PASTED.format(unit=unit).encode()))
        assert (made.added, list(made.faults)) == (2, [])
        first, second = register_of(session, YEAR)
        assert (first.number, first.name, first.unit_id, first.avoids) == ("A7", "测试监考甲", case.unit, [])
        assert (second.number, second.unit_id, second.avoids) == ("J001", None, [str(case.unit)])


def test_names_of_people_and_units_are_stored_in_one_form(exams: Exams) -> None:
    case = admitted(exams)
    with exams.at_work() as session:
        unit = session.get_one(Unit, case.unit).name
        row = f"姓名\t所在单位\n测试 • 监\u200b考\t {unit[:2]} {unit[2:]}\u200b\n"
        import_invigilators(session, YEAR, read_table(row.encode()))
        (made,) = register_of(session, YEAR)
        assert (made.name, made.unit_name, made.unit_id) == ("测试·监考", unit, case.unit)


def test_a_wrong_row_keeps_everybody_out_and_says_what_is_wrong(exams: Exams) -> None:
    rows = "甲,学校,J1,\n乙,,J2,\n丙,学校,J3,没有的单位\n丁,学校,J2,\n戊,学校,J9,\n己2,学校,J5,\n"
    text = f"姓名,所在单位,编号,回避单位\n{rows}"
    with exams.at_work() as session:
        add_invigilators(session, YEAR, [InvigilatorForm("J9", "测试监考", "学校")])
        made = import_invigilators(session, YEAR, read_table(text.encode()))
        assert made.added == 0
        assert [(fault.row, fault.about, fault.text.split("，")[0]) for fault in made.faults] == [
            (3, "乙", "缺少所在单位"),
            (4, "丙", "没有叫“没有的单位”的单位"),
            (5, "丁", "编号J2在表中重复"),
            (6, "戊", "编号J9已经登记"),
            (7, "己2", "姓名第2个字“2”（U+0032）是数字"),
        ]
        assert [person.number for person in register_of(session, YEAR)] == ["J9"]


def test_automatic_numbers_skip_the_numbers_in_use(exams: Exams) -> None:
    with exams.at_work() as session:
        add_invigilators(session, YEAR, [InvigilatorForm("J001", "测试监考", "学校")])
        forms = [InvigilatorForm("", "测试监考", "学校"), InvigilatorForm("J003", "测试监考", "学校")]
        add_invigilators(session, YEAR, [*forms, InvigilatorForm("", "测试监考", "学校")])
        assert [person.number for person in register_of(session, YEAR)] == ["J001", "J002", "J003", "J004"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("甲\t学校\n", "invigilators_no_header"),
        ("姓名\t所在单位\n", "invigilators_nobody"),
        ("", "invigilators_no_header"),
    ],
)
def test_what_is_no_table_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_table(text.encode())
    assert refused.value.code == code


def test_the_template_has_every_column_and_reads_as_empty() -> None:
    made = template()
    titles = CalamineWorkbook.from_filelike(BytesIO(made)).get_sheet_by_index(0).to_python()[0]
    assert titles == [column.title for column in invigilator_table.COLUMNS]
    with pytest.raises(Invalid, match="没有人员"):
        read_table(made)
