"""Safe-keeping: required data, handover from keeper to keeper, and no end before the term."""

from dataclasses import replace
from datetime import date

import pytest

from core.db.base import new_id
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.scheduling.exam_day import safekeeping
from core.scheduling.exam_day.safekeeping import CustodyForm, Kept
from tests.cases import CITY, OTHER_CITY, YEAR, at
from tests.scheduling.conftest import Exams

FORM = CustodyForm(Kept.RECORDING, "第一考场6月22日录像", "测试甲0001", "测试机房2号柜", date(YEAR, 12, 31), "a" * 64)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": ""}, "custody_incomplete"),
        ({"keeper": " "}, "custody_incomplete"),
        ({"place": ""}, "custody_incomplete"),
        ({"keep_until": date(YEAR, 5, 19)}, "keep_until_past"),
        ({"digest": ""}, "digest_required"),
        ({"digest": "A" * 64}, "digest_required"),
    ],
)
def test_what_is_not_said_of_a_thing_is_asked_for(exams: Exams, change: dict[str, object], code: str) -> None:
    with exams.at_work() as session, pytest.raises(Invalid) as refused:
        safekeeping.take_into_custody(session, YEAR, replace(FORM, **change))  # type: ignore[arg-type]
    assert refused.value.code == code


def test_paper_needs_no_digest(exams: Exams) -> None:
    with exams.at_work() as session:
        made = safekeeping.take_into_custody(session, YEAR, replace(FORM, kind=Kept.PAPER, digest=""))
        assert (made.kind, made.digest) == ("paper", "")


def test_the_chain_of_keepers_stays(exams: Exams) -> None:
    with exams.at_work() as session:
        entry = safekeeping.take_into_custody(session, YEAR, FORM)
        with pytest.raises(Invalid):
            safekeeping.hand_over(session, entry.id, to_keeper="", to_place="档案室", reason="移交")
        for keeper in ("测试甲0002", "测试甲0003"):
            safekeeping.hand_over(session, entry.id, to_keeper=keeper, to_place="测试档案室", reason="人员调整")
        chain = safekeeping.handovers_of(session, [entry.id])[entry.id]
        assert [(handover.from_keeper, handover.to_keeper) for handover in chain] == [
            ("测试甲0001", "测试甲0002"),
            ("测试甲0002", "测试甲0003"),
        ]
        assert (entry.keeper, entry.place) == ("测试甲0003", "测试档案室")


def test_nothing_is_disposed_of_before_its_time_and_nothing_twice(exams: Exams) -> None:
    with exams.at_work() as session:
        entry = safekeeping.take_into_custody(session, YEAR, FORM)
    exams.season.now = at(12, 31, 23)
    with exams.at_work() as session, pytest.raises(Conflict) as refused:
        safekeeping.end_custody(session, entry.id, how="销毁")
    assert refused.value.code == "kept_until"
    exams.season.now = at(12, 31, 23).replace(year=YEAR + 1)
    with exams.at_work() as session:
        with pytest.raises(Invalid):
            safekeeping.end_custody(session, entry.id, how=" ")
        safekeeping.end_custody(session, entry.id, how="到期销毁")
        with pytest.raises(Conflict):
            safekeeping.hand_over(session, entry.id, to_keeper="甲", to_place="乙", reason="丙")


def test_the_register_is_the_offices_own(exams: Exams) -> None:
    with exams.at_work() as session:
        entry = safekeeping.take_into_custody(session, YEAR, FORM)
        for wrong in ({"sitting_id": new_id()}, {"site_id": new_id()}):
            with pytest.raises(NotFound):
                safekeeping.take_into_custody(session, YEAR, replace(FORM, **wrong))  # type: ignore[arg-type]
    with exams.at_work(OTHER_CITY) as session:
        assert safekeeping.custody_of(session, CITY, YEAR) == []
        with pytest.raises(NotFound):
            safekeeping.end_custody(session, entry.id, how="销毁")
    with exams.season.as_office(CITY) as session:
        assert [kept.id for kept in safekeeping.custody_of(session, CITY, YEAR)] == [entry.id]
        with pytest.raises(Forbidden):
            safekeeping.take_into_custody(session, YEAR, FORM)
    with exams.season.as_auditor() as session:
        assert [kept.id for kept in safekeeping.custody_of(session, CITY, YEAR)] == [entry.id]
