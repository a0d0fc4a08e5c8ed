"""Taking marks in: every fault named, nothing by halves, two people, and no way round the second."""

from decimal import Decimal
from io import BytesIO

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError
from xlsxwriter import Workbook

from core.audit.models import RecordEntry
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity.models import Account
from core.messages.models import Notice
from core.plugin_api import Grade, MarkStatus
from core.results.marks.reading import read_marks
from core.results.marks.service import confirm_import, imports, propose_import, withdraw_import
from core.results.marks.table import MOST_ROWS, Entry, WrongMark, read_mark, read_table
from core.results.models.marks import Mark, MarkImport, MarkImportRow, Outcome
from core.results.outcomes.service import work_out
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.tickets.service import issue_tickets
from core.tenancy.config.exams import TicketsTable
from core.tenancy.config.results import ResultsTable
from core.text.filled_tables import RowFault
from tests.cases import CITY, OTHER_CITY, YEAR, at
from tests.results.conftest import SUBJECTS, Office
from tests.scheduling.conftest import Exams, published


def _marks(office: Office) -> list[tuple[str, str | None, str]]:
    with office.at_work() as session:
        rows = session.scalars(select(Mark).order_by(Mark.application_id, Mark.subject)).all()
        return [(row.subject, None if row.mark is None else str(row.mark), row.status) for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_the_encodings_of_table_software(encoding: str) -> None:
    table = read_table("申报编号,岗位技能\nA1,80".encode(encoding), SUBJECTS)
    assert [(row.number, row.candidate, row.entries) for row in table.rows] == [(2, "A1", (Entry("岗位技能", "80"),))]


def test_an_excel_file_with_a_row_for_each_subject_is_read_and_its_other_columns_are_named() -> None:
    file = BytesIO()
    with Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(
            [
                ["2024年成绩"],
                ["准考证号", "科目", "得分", "状态", "考场"],
                ["a1", "职业道德", 59.5, "", 3],
                ["a2", "职业道德", "", "缺考", 3],
            ]
        ):
            sheet.write_row(number, 0, cells)
    table = read_table(file.getvalue(), SUBJECTS)
    assert table.ignored == ("考场",)
    assert [(row.candidate, row.entries) for row in table.rows] == [
        ("A1", (Entry("职业道德", "59.5"),)),
        ("A2", (Entry("职业道德", "", "缺考"),)),
    ]


def test_a_hidden_sheet_is_not_read() -> None:
    file = BytesIO()
    with Workbook(file) as book:
        hidden, seen = book.add_worksheet("a"), book.add_worksheet("b")
        for sheet, mark in ((hidden, 100), (seen, 50)):
            sheet.write_row(0, 0, ["申报编号", "岗位技能"])
            sheet.write_row(1, 0, ["A1", mark])
        seen.set_first_sheet()
        seen.activate()
        hidden.hide()
    assert read_table(file.getvalue(), SUBJECTS).rows[0].entries == (Entry("岗位技能", "50"),)


@pytest.mark.parametrize(
    ("hidden", "said"),
    [([], None), ([4], None), ([2], "第2行被隐藏"), ([1, 2, 3], "第1、2、3行被隐藏"), ([0], "第1行被隐藏")],
)
def test_rows_that_are_hidden_with_something_in_them_are_named_and_refused(hidden: list[int], said: str | None) -> None:
    file = BytesIO()
    with Workbook(file) as book:
        behind, sheet = book.add_worksheet("a"), book.add_worksheet("b")
        behind.hide()
        sheet.set_first_sheet()
        sheet.activate()
        behind.write(1, 0, "A9")
        behind.set_row(1, options={"hidden": True})
        for at, row in enumerate([["申报编号", "岗位技能"], ["A1", 50], ["A2", 60]]):
            sheet.write_row(at, 0, row)
        for at in hidden:
            if at == 0:
                sheet.set_row(0, 0)
            else:
                sheet.set_row(at - 1, options={"hidden": True})
    if said is None:
        assert [row.candidate for row in read_table(file.getvalue(), SUBJECTS).rows] == ["A1", "A2"]
        return
    with pytest.raises(Invalid, match=said) as refused:
        read_table(file.getvalue(), SUBJECTS)
    assert refused.value.code == "marks_hidden_rows"


def test_a_table_with_too_many_rows_is_refused_without_reading_on() -> None:
    broken_off = ',"'
    with pytest.raises(Invalid) as refused:
        read_table(("申报编号,岗位技能\n" + "1,\n" * (MOST_ROWS + 1) + broken_off).encode(), SUBJECTS)
    assert refused.value.code == "marks_too_many"


def test_unusual_titles_are_mapped_to_what_they_are() -> None:
    table = read_table("证号,技能分\nA1,80".encode(), SUBJECTS, {"证号": "number", "技能分": "岗位技能"})
    assert table.rows[0].entries == (Entry("岗位技能", "80"),)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("姓名,岗位技能\n甲,80", "marks_no_header"),
        ("申报编号,姓名\nA1,甲", "marks_columns_missing"),
        ("申报编号,岗位技能,岗位技能\nA1,1,2", "marks_columns_twice"),
        ("申报编号,科目,成绩,岗位技能\nA1,职业道德,1,2", "marks_columns_mixed"),
        ("申报编号,岗位技能\n,", "marks_nobody"),
    ],
)
def test_a_file_that_is_no_table_of_marks_is_refused_with_advice(content: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_table(content.encode(), SUBJECTS)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("mark", "status", "found"),
    [
        ("80", "", (Decimal("80.0"), MarkStatus.SCORED)),
        ("８０.5", "正常", (Decimal("80.5"), MarkStatus.SCORED)),
        ("缺考", "", (None, MarkStatus.ABSENT)),
        ("", "违纪", (None, MarkStatus.VIOLATION)),
        ("作废", "作废", (None, MarkStatus.VOID)),
    ],
)
def test_a_mark_is_points_or_a_word(mark: str, status: str, found: tuple[Decimal | None, MarkStatus]) -> None:
    assert read_mark(Entry("职业道德", mark, status)) == found


@pytest.mark.parametrize(
    ("mark", "status", "said"),
    [
        ("100.1", "", "不在0至100之间"),
        ("-1", "", "不是成绩"),
        ("1e2", "", "不是成绩"),
        ("59.55", "", "最多一位小数"),
        ("60", "缺考", "两者只能有一个"),
        ("缺考", "违纪", "不一致"),
        ("", "", "没有填写成绩"),
        ("80", "良好", "不是考试情况"),
    ],
)
def test_an_impossible_mark_is_refused_with_its_fault(mark: str, status: str, said: str) -> None:
    with pytest.raises(WrongMark, match=said):
        read_mark(Entry("职业道德", mark, status))


def test_every_wrong_row_is_named_and_nothing_is_kept(office: Office) -> None:
    good, other = office.candidate(), office.candidate()
    pending = office.undecided()
    strange = office.undecided(OTHER_CITY)
    number, second = office.reference(good), office.reference(other)
    content = "\n".join(
        [
            "申报编号,姓名,岗位技能,职业道德,职业能力,专业基础知识,考试情况",
            f"{number},,80,70,60,,",
            f"{second},,101,缺考,,5,",
            f"{number},,80,,,,",
            "LS-0,,80,70,60,,",
            f"{office.reference(strange)},,80,70,60,,",
            f"{office.reference(pending)},,80,70,60,,",
            f"{second},别人,80,70,60,,",
            f"{second},,,,60,,缺考",
            f"{second},,,,,,",
            ",,80,70,60,,",
        ]
    )
    with office.at_work() as session:
        proposal = propose_import(session, content.encode(), year=YEAR, file_name="成绩.csv")
        assert proposal.made is None
        assert imports(session, YEAR) == []
    assert [(fault.row, fault.text) for fault in proposal.reading.faults] == [
        (3, "岗位技能：成绩101不在0至100之间"),
        (3, "专业基础知识不是该等级的考试科目"),
        (4, "岗位技能与第2行重复"),
        (5, "编号不存在，或不是本机构的考生"),
        (6, "编号不存在，或不是本机构的考生"),
        (7, "不是合格考生，目前状态为“待资格审查”"),
        (8, "姓名“别人”与编号不符"),
        (9, "职业能力：注明“缺考”，又有成绩60，两者只能有一个"),
        (10, "没有任何成绩，也没有注明缺考、作废或违纪"),
        (11, "没有填写申报编号"),
    ]


def test_a_row_of_an_absent_candidate_covers_the_subjects_of_their_grade(office: Office) -> None:
    case = office.candidate()
    content = f"申报编号,岗位技能,职业道德,职业能力,专业基础知识,考试情况\n{office.reference(case)},,,,,缺考".encode()
    with office.at_work() as session:
        reading = read_marks(session, content, year=YEAR)
    assert reading.faults == ()
    assert [(mark.subject, mark.status) for mark in reading.marks] == [
        (subject, MarkStatus.ABSENT) for subject in sorted(SUBJECTS)
    ]


def test_a_candidate_is_found_by_the_number_of_the_ticket_in_force(office: Office) -> None:
    case = office.candidate()
    office.season.now = at(5, 20)
    exams = Exams(office.season)
    site = exams.site()
    room = exams.rooms(site)[0]
    plan_id = published(exams, [case], exams.sitting([room.id]), room)
    with exams.at_work() as session:
        issue_tickets(session, plan_id, rules=TicketsTable())
        number = session.scalars(select(AdmissionTicket.number)).one()
    office.season.now = at(10, 8)
    content = office.table([[number, "80", "70", "60"], [office.reference(case), "80", "", ""]])
    with office.at_work() as session:
        reading = read_marks(session, content, year=YEAR)
    assert {mark.application_id for mark in reading.marks} == {case.id}
    assert [fault.text for fault in reading.faults] == ["岗位技能与第2行重复"]


def test_marks_count_once_a_second_person_gives_the_digest_of_their_own_copy(office: Office) -> None:
    case = office.candidate()
    content = office.table([[office.reference(case), "80", "70.5", "缺考"]])
    made = office.propose(content)
    assert [figure["total"] for figure in made.figures] == ["80.0", "0", "70.5"]
    assert _marks(office) == []
    with office.at_work("乙") as session:
        own_copy = read_marks(session, content, year=YEAR)
        confirm_import(session, made.id, digest=own_copy.digest, rules=ResultsTable())
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_type == "mark_import")).all()
    assert sorted(kinds) == ["marks.confirmed", "marks.proposed"]
    assert _marks(office) == [
        ("岗位技能", "80.0", "scored"),
        ("职业能力", None, "absent"),
        ("职业道德", "70.5", "scored"),
    ]


def test_the_first_person_does_not_confirm_and_another_table_is_refused(office: Office) -> None:
    number = office.reference(office.candidate())
    made = office.propose(office.table([[number, "80", "70", "60"]]))
    with office.at_work("甲") as session, pytest.raises(Forbidden, match="另一人复核"):
        confirm_import(session, made.id, digest=made.digest, rules=ResultsTable())
    with office.at_work("乙") as session:
        other = read_marks(session, office.table([[number, "81", "70", "60"]]), year=YEAR)
        with pytest.raises(Invalid) as refused:
            confirm_import(session, made.id, digest=other.digest, rules=ResultsTable())
    assert refused.value.code == "marks_differ"
    with office.season.as_office(OTHER_CITY) as session, pytest.raises(NotFound):
        confirm_import(session, made.id, digest=made.digest, rules=ResultsTable())


def test_the_same_marks_are_handed_in_once_and_a_mark_comes_once(office: Office) -> None:
    number = office.reference(office.candidate())
    content = office.table([[number, "80", "70", "60"]])
    first, second = office.propose(content), office.propose(office.table([[number, "90", "70", "60"]]))
    with office.at_work("丙") as session, pytest.raises(Conflict, match="已由测试考评甲导入"):
        propose_import(session, content, year=YEAR, file_name="成绩.csv", without_names=True)
    with office.at_work("乙") as session:
        confirm_import(session, first.id, digest=first.digest, rules=ResultsTable())
        with pytest.raises(Conflict, match="已有成绩"):
            confirm_import(session, second.id, digest=second.digest, rules=ResultsTable())
        reading = read_marks(session, content, year=YEAR)
    assert reading.faults[0] == RowFault(2, number, "岗位技能已有成绩，如需更改请办理成绩更正")


def test_a_table_without_names_is_refused_unless_it_is_meant_so(office: Office) -> None:
    case = office.candidate()
    content = office.table([[office.reference(case), "80", "70", "60"]])
    with office.at_work() as session:
        with pytest.raises(Invalid, match="无法核对编号与姓名") as refused:
            propose_import(session, content, year=YEAR, file_name="成绩.csv")
        assert refused.value.code == "marks_no_names"
        assert propose_import(session, content, year=YEAR, file_name="成绩.csv", without_names=True).made is not None


def test_only_a_supervisor_withdraws_a_confirmed_table_with_its_outcomes(office: Office) -> None:
    number = office.reference(office.candidate())
    import_id = office.take_in([[number, "80", "70", "60"]])
    with office.at_work() as session:
        assert work_out(session, year=YEAR, offices=office.season.offices).passed == 1
        with pytest.raises(Forbidden, match="监管人员撤销"):
            withdraw_import(session, import_id, reason="列错位")
    with office.at_work("supervisor") as session:
        with pytest.raises(Invalid, match="原因"):
            withdraw_import(session, import_id, reason=" ")
        withdraw_import(session, import_id, reason="列错位")
        assert session.scalars(select(Outcome)).all() == []
    assert _marks(office) == []
    office.take_in([[number, "80", "70", "60"]])


def test_published_marks_are_not_withdrawn(office: Office) -> None:
    import_id = office.take_in([[office.reference(office.candidate()), "80", "70", "60"]])
    with office.at_work() as session:
        work_out(session, year=YEAR, offices=office.season.offices)
    with office.at_work("supervisor") as session:
        session.execute(update(Outcome).values(published_at=session.now))
        with pytest.raises(Conflict, match="已经公布"):
            withdraw_import(session, import_id, reason="列错位")


def test_candidates_are_told_of_their_marks_and_again_when_corrected_ones_come(office: Office) -> None:
    case = office.candidate()
    number = office.reference(case)
    first = office.take_in([[number, "80", "70", "60"]])
    with office.at_work("supervisor") as session:
        withdraw_import(session, first, reason="列错位")
    office.take_in([[number, "70", "80", "60"]])
    with office.season.as_person(case.person) as session:
        told = session.execute(select(Notice.kind, Notice.title, Notice.body).order_by(Notice.created_at, Notice.id))
        said = [notice for notice in told if notice.kind.startswith("marks_")]
    assert [notice.title for notice in said] == ["成绩已公布", "成绩已撤回", "成绩已公布"]
    assert "岗位技能、职业能力、职业道德的成绩已公布" in said[0].body
    assert "请在2024年10月23日24时前在该页申请复查" in said[0].body


def _forbidden_by_database(office: Office, statement: object, who: str = "乙") -> str:
    with office.at_work(who) as session, pytest.raises(DBAPIError) as refused, session.begin_nested():
        session.execute(statement)  # type: ignore[call-overload]
    return str(refused.value.orig.sqlstate)  # type: ignore[union-attr]


def test_postgresql_holds_the_second_person_and_every_way_in(office: Office) -> None:
    case = office.candidate()
    made = office.propose(office.table([[office.reference(case), "80", "70", "60"]]))
    decided = {"decided_at": office.season.now, "decided_by_name": "甲"}
    self_confirmed = update(MarkImport).values(
        state="confirmed", decided_by=office.examiner("甲").account_id, **decided
    )
    assert _forbidden_by_database(office, self_confirmed, who="甲") == "KW021"
    values = {
        "application_id": case.id,
        "subject": "岗位技能",
        "office_id": CITY,
        "year": YEAR,
        "import_id": made.id,
        "known_at": office.season.now,
        "mark": 80,
        "status": "scored",
    }
    assert _forbidden_by_database(office, insert(Mark).values(**values)) == "KW022"
    with office.at_work("乙") as session:
        confirm_import(session, made.id, digest=made.digest, rules=ResultsTable())
    assert _forbidden_by_database(office, update(Mark).values(mark=100), who="supervisor") == "KW022"
    assert _forbidden_by_database(office, text("DELETE FROM marks"), who="supervisor") == "KW022"
    row = insert(MarkImportRow).values(
        import_id=made.id, application_id=case.id, subject="x", office_id=CITY, mark=1, status="scored", row=1
    )
    assert _forbidden_by_database(office, row, who="甲") == "42501"


def test_the_same_person_with_another_account_is_no_second_person(office: Office) -> None:
    person = office.season.add_person()
    accounts = [office.examiner("甲"), office.examiner("乙")]
    with office.season.as_system(CITY) as session:
        for actor in accounts:
            account = {
                "id": actor.account_id,
                "login": str(actor.account_id),
                "name": "测试",
                "created_at": session.now,
            }
            session.execute(insert(Account).values(**account, person_id=person.person_id, issued_by_office_id=CITY))
    made = office.propose(office.table([[office.reference(office.candidate()), "80", "70", "60"]]))
    with office.at_work("乙") as session, pytest.raises(DBAPIError, match="somebody else"), session.begin_nested():
        confirm_import(session, made.id, digest=made.digest, rules=ResultsTable())


def test_candidates_and_their_units_see_marks_others_do_not(office: Office) -> None:
    case, other = office.candidate(), office.candidate(Grade.FOUR)
    office.take_in([[office.reference(candidate), "80", "70", "60"] for candidate in (case, other)])
    wanted = select(Mark.application_id).distinct()
    with office.season.as_person(case.person) as session:
        assert session.scalars(wanted).all() == [case.id]
    with office.season.as_unit(case.unit) as unit:
        assert unit.scalars(wanted).all() == [case.id]
    with office.season.as_office(OTHER_CITY) as elsewhere:
        assert elsewhere.scalars(wanted).all() == []
    with office.season.as_province() as province:
        assert set(province.scalars(wanted)) == {case.id, other.id}
