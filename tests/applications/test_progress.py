"""Where an application stands, as its applicant is told."""

import pytest

from core.applications.progress import TONES, Parties, ProgressEvent, turn, until, way
from core.domain.workflow import Action, State
from tests.cases import at

PARTIES = Parties(unit="测试单位", department="测试主管部门", office="测试市考核办")
ROUTE = ["unit_review", "department_review", "qualification_review"]
SUBMITTED = ProgressEvent(Action.SUBMIT, State.UNIT_REVIEW, "", at(3, 25))


@pytest.mark.parametrize("state", State)
def test_every_state_says_whose_turn_it_is(state: State) -> None:
    assert turn(state, PARTIES).headline
    assert turn(state, PARTIES).mine == (state in {State.DRAFT, State.RETURNED, State.PROVISIONAL})
    assert state in TONES


def test_the_way_shows_what_was_what_is_and_what_is_to_come() -> None:
    shown = [(stage.title, stage.tone) for stage in way(State.UNIT_REVIEW, ROUTE, [SUBMITTED], PARTIES)]
    assert shown == [
        ("您提交了申报", "done"),
        ("轮到测试单位审核", "now"),
        ("测试主管部门审核", "next"),
        ("测试市考核办资格审查", "next"),
        ("审查通过", "next"),
    ]


def test_a_unit_that_is_its_own_department_reviews_once() -> None:
    alone = Parties(unit="测试单位", department="", office="测试市考核办")
    shown = [stage.title for stage in way(State.DRAFT, [], [], alone)]
    assert shown == ["等您填写并提交", "测试单位审核", "测试市考核办资格审查", "审查通过"]


def test_a_return_shows_its_reason_and_begins_the_way_again() -> None:
    returned = ProgressEvent(Action.RETURN, State.RETURNED, "照片不清楚", at(3, 26))
    shown = way(State.RETURNED, ROUTE, [SUBMITTED, returned], PARTIES)
    assert (shown[1].title, shown[1].text, shown[1].tone) == ("退回修改", "照片不清楚", "stopped")
    assert [stage.title for stage in shown[3:]] == [
        "测试单位审核",
        "测试主管部门审核",
        "测试市考核办资格审查",
        "审查通过",
    ]


def test_a_case_that_is_over_has_nothing_to_come() -> None:
    agreed = ProgressEvent(Action.APPROVE, State.QUALIFIED, "", at(3, 28))
    assert [stage.tone for stage in way(State.QUALIFIED, ROUTE, [SUBMITTED, agreed], PARTIES)] == ["done", "done"]


def test_a_date_is_the_applicants_own_only_where_the_turn_is() -> None:
    own, others = turn(State.RETURNED, PARTIES), turn(State.UNIT_REVIEW, PARTIES)
    assert until(own, at(4, 9, 0), at(4, 7)) == "4月8日24:00截止（还有1天15小时）"
    assert until(others, at(4, 9, 0), at(4, 7)) == "应在4月8日24:00前办完（还有1天15小时）。"
    assert "现已超过期限。您不用重新提交" in until(others, at(4, 9, 0), at(4, 9, 0))


def test_the_way_of_a_case_whose_papers_are_in_asks_for_none() -> None:
    shown = way(State.PROVISIONAL, ROUTE, [SUBMITTED], PARTIES, papers_are_in=True)
    assert shown[1].title == turn(State.PROVISIONAL, PARTIES, papers_are_in=True).headline
