"""The second person's own copy: every difference is named, and the first person's file is no copy of one's own."""

import hashlib

import pytest
from sqlalchemy import select

from core.audit.models import RecordEntry
from core.errors import Invalid
from core.results.marks.comparison import Mismatch
from core.results.marks.reading import read_marks
from core.results.marks.service import OwnFile, compared, confirm_import
from core.results.models.marks import MarkImport
from core.tenancy.config.results import ResultsTable
from tests.cases import YEAR
from tests.results.conftest import Office

RULES = ResultsTable()


def test_a_mismatch_names_number_subject_rows_and_both_values(office: Office) -> None:
    numbers = sorted(office.reference(office.candidate()) for _ in range(3))
    made = office.propose(office.table([[number, "80", "70", "60"] for number in numbers[:2]]))
    own = office.table([[numbers[2], "50", "", ""], [numbers[1], "81", "70", "缺考"], [numbers[0], "80", "70", "60"]])
    with office.at_work("乙") as session:
        reading = read_marks(session, own, year=YEAR)
        assert compared(session, made.id, reading.marks) == [
            Mismatch(numbers[1], "岗位技能", 3, "80.0", 3, "81.0"),
            Mismatch(numbers[1], "职业能力", 3, "60.0", 3, "缺考"),
            Mismatch(numbers[2], "岗位技能", None, "没有这一项", 2, "50.0"),
        ]
    with office.at_work("甲") as session:
        assert compared(session, made.id, reading.marks) == []


def test_the_first_persons_file_is_refused_unless_it_was_got_independently(office: Office) -> None:
    content = office.table([[office.reference(office.candidate()), "80", "70", "60"]])
    made, digest = office.propose(content), hashlib.sha256(content).hexdigest()
    with office.at_work("乙") as session:
        with pytest.raises(Invalid, match="与测试考评甲导入的是同一个文件") as refused:
            confirm_import(session, made.id, digest=made.digest, rules=RULES, file=OwnFile(digest))
        assert (refused.value.code, session.get_one(MarkImport, made.id).state) == (
            "own_copy_is_the_same_file",
            "proposed",
        )
        confirm_import(session, made.id, digest=made.digest, rules=RULES, file=OwnFile(digest, got_independently=True))
        assert session.get_one(MarkImport, made.id).same_file
        entry = session.scalars(select(RecordEntry.payload).where(RecordEntry.kind == "marks.confirmed")).one()
        assert entry["same_file"] is True


def test_another_file_with_the_same_marks_is_ones_own(office: Office) -> None:
    made = office.propose(office.table([[office.reference(office.candidate()), "80", "70", "60"]]))
    with office.at_work("乙") as session:
        confirm_import(session, made.id, digest=made.digest, rules=RULES, file=OwnFile("00", got_independently=True))
        assert not session.get_one(MarkImport, made.id).same_file
