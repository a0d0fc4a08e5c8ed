"""Tables that leave as Excel files: what is in them, who may take them, and that it is on the record."""

import weakref
import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from uuid import UUID

from python_calamine import CalamineWorkbook
from sqlalchemy import select

from core.audit.models import RecordEntry
from core.db.session import AuditorSession, Role, system_actor
from core.web.page.excel import MEDIA_TYPE, Deadline, Sheet, Value, write_workbook
from tests.callers import Web
from tests.cases import CITY, PROVINCE, at
from tests.reading import table_of


def written(sheet: Sheet) -> bytes:
    """The file of a table."""
    file = BytesIO()
    write_workbook(file, sheet, made_at=at(4, 5), made_by="测试机构 测试员")
    return file.getvalue()


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    rows = table_of(written(Sheet("测试表", ("列",), [("=1+1",), (7,), (at(4, 5, 9, 30),)])))
    assert rows[:3] == [["列"], ["=1+1"], [7.0]]
    assert rows[3][0].isoformat() == "2024-04-05T09:30:00"


def test_a_deadline_of_24_00_reads_as_its_day_and_sorts_behind_it() -> None:
    content = written(
        Sheet("测试表", ("期限",), [(Deadline(at(4, 6, 0)),), (Deadline(at(4, 5, 17)),), (Deadline(None),), ("测试",)])
    )
    [_, midnight, *others] = table_of(content)
    assert [str(row[0]) for row in (midnight, *others)] == ["2024-04-05 23:59:59", "2024-04-05 17:00:00", "", "测试"]
    with zipfile.ZipFile(BytesIO(content)) as parts:
        assert "24:00" in parts.read("xl/styles.xml").decode()


def test_rows_of_a_table_are_taken_one_by_one_and_never_held() -> None:
    alive: list[weakref.ref[Row]] = []

    def rows() -> Iterator[Sequence[Value]]:
        for number in range(3_000):
            row = Row([number, "测试"])
            alive.append(weakref.ref(row))
            # The writer still has the row before this one, and no other.
            assert sum(known() is not None for known in alive[-5:]) <= 2
            yield row

    assert len(table_of(written(Sheet("测试表", ("序号", "内容"), rows())))) == 3_001
    assert [known() for known in alive] == [None] * 3_000


class Row(list[Value]):
    """A row of which it can be said whether somebody still holds it."""


def test_the_board_leaves_as_a_file_with_its_figures_and_goes_on_the_record(web: Web) -> None:
    web.submitted()
    center = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    answer = web.look(center, "/board/export")
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
    table = table_of(answer.content)
    assert table[0][:4] == ["机构", "已提交", "单位待审核", "待审查"]
    assert {row[0] for row in table[1:]} == {"临水省考核中心", "清河市考核办", "云山市考核办"}
    with AuditorSession(web.platform.engine, actor=system_actor(PROVINCE), now=at(3, 25)) as session:
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.kind == "table.exported")).all()
    assert kinds


def test_an_exported_queue_is_filtered_and_holds_the_end_of_each_number_only(web: Web) -> None:
    flow = web.submitted()
    case = flow.at_office()
    officer = web.staff(Role.CITY_REVIEWER, CITY)
    answer = web.look(officer, f"/desk/export?q={case['reference']}")
    rows = table_of(answer.content)
    assert [row[3] for row in rows[1:]] == [case["reference"]]
    assert len(str(rows[1][4])) == 4
    assert web.look(officer, "/desk/export?state=nonsense").status_code == 422


def test_a_city_may_not_take_the_whole_board(web: Web) -> None:
    city = web.staff(Role.CITY_SUPERVISOR, CITY)
    assert web.look(city, "/board/export").status_code == 403


def test_supervised_cases_leave_as_they_are_narrowed(web: Web) -> None:
    case, other = web.submitted(), web.submitted()
    reference = case.at_office()["reference"]
    center = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    answer = web.look(center, f"/supervision/cases/export?state=qualification_review&office={CITY}&q={reference}")
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    heading, *rows = table_of(answer.content)
    assert heading == ["姓名", "身份证末四位", "状态", "期限", "等级", "工种", "单位", "受理机构", "办理机构", "编号"]
    assert [(row[2], row[7], row[8], row[9]) for row in rows] == [
        ("待资格审查", "清河市考核办", "清河市考核办", reference)
    ]
    about = book.get_sheet_by_index(1).to_python()
    assert ["筛选条件", f"状态：待资格审查；受理机构：清河市考核办；查找：{reference}"] in about
    assert web.look(other.manager, "/supervision/cases/export").status_code == 403


def test_the_record_leaves_as_it_is_narrowed_each_entry_with_its_id(web: Web) -> None:
    flow = web.submitted()
    case_id = flow.path.rsplit("/", 1)[-1]
    auditor = web.staff(Role.PROVINCIAL_AUDITOR, PROVINCE)
    answer = web.look(auditor, f"/record/export?kind=application.submit&subject={case_id}&since=2024-03-25")
    heading, *rows = table_of(answer.content)
    assert heading == ["时间", "事项", "机构", "经办", "角色", "对象", "对象编号", "批次", "序号", "编号"]
    [row] = rows
    assert row[1:3] == ["提交申请", "清河市考核办"]
    assert row[4:7] == ["申报人", "申请", case_id]
    with AuditorSession(web.platform.engine, actor=system_actor(PROVINCE), now=at(3, 25)) as session:
        assert session.get_one(RecordEntry, UUID(row[9])).kind == "application.submit"
