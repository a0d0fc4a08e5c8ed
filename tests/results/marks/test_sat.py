"""The table for entering marks holds the numbers that sat, and nothing that the office already knows."""

from io import BytesIO

from core.plugin_api import MarkStatus
from core.results.marks.reading import read_marks
from core.results.marks.sat import to_enter
from core.web.page.excel import Sheet, write_workbook
from tests.cases import YEAR
from tests.results.conftest import SUBJECTS, Office
from tests.results.marks.test_absences import FULL, Held, confirm


def test_only_who_sat_and_has_no_mark_yet_is_listed(office: Office) -> None:
    came, missed, marked = office.candidate(), office.candidate(), office.candidate()
    Held(office, [came, marked], [missed])
    confirm(office, office.propose(office.table([[office.reference(marked), *FULL]])), {came.id: "成绩另表"})
    with office.at_work() as session:
        (line,) = to_enter(session, YEAR)
    assert (line.reference, line.unsettled) == (office.reference(came), False)
    assert line.cells == dict.fromkeys(SUBJECTS, "")


def test_nobody_is_left_out_where_no_list_was_kept(office: Office) -> None:
    one, other = office.candidate(), office.candidate()
    with office.at_work() as session:
        found = to_enter(session, YEAR)
    assert sorted(line.reference for line in found) == sorted(map(office.reference, (one, other)))
    assert all(line.unsettled for line in found)


def test_the_filled_in_table_is_read_back(office: Office) -> None:
    case = office.candidate()
    with office.at_work() as session:
        (line,) = to_enter(session, YEAR)
        columns = ("申报编号", "姓名", *SUBJECTS, "入场登记")
        rows = [(line.reference, line.name, "80", "缺考", "60", "已登记")]
        sheet = Sheet("待录成绩表", columns, rows, "")
        written = BytesIO()
        write_workbook(written, sheet, made_at=session.now, made_by="测试")
        reading = read_marks(session, written.getvalue(), year=YEAR)
    assert reading.faults == ()
    assert {mark.subject: mark.status for mark in reading.marks} == dict(
        zip(SUBJECTS, (MarkStatus.SCORED, MarkStatus.ABSENT, MarkStatus.SCORED), strict=True)
    )
    assert {mark.reference for mark in reading.marks} == {office.reference(case)}
