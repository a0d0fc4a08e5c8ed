"""Many cases decided in the background: each by itself, in parts that go on where they stopped."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.db.session import OfficeSession
from core.domain.workflow import Action, State
from core.errors import Conflict, Invalid
from core.reviews import service
from core.reviews.decisions.items import ItemVerdict
from core.reviews.lists import runs
from core.reviews.lists.orders import Order
from core.reviews.lists.views import MOST_VIEWS, remove_view, save_view, views
from core.reviews.queue import Asked
from tests.cases import CITY, COUNTY, YEAR, Season, uncertain

REASON = "照片不清晰，请重新上传。"
PHOTO = ItemVerdict("photo", faulty=True, reason_code="unclear", comment=REASON)


def worked_off(season: Season, run: runs.BulkRun) -> list[str]:
    """Decide the cases of a run as its officer; the reasons of those that were not."""

    @contextmanager
    def begin() -> Iterator[OfficeSession]:
        with season.as_office(CITY) as session:
            yield session

    runs.decide_run(begin, run.id, offices=season.offices)
    with season.as_office(CITY) as session:
        return [row.refusal for row in runs.refused(session, run.id, most=10)]


def asked(season: Season, action: Action, *items: ItemVerdict, reason: str = "") -> runs.BulkRun:
    with season.as_office(CITY) as session:
        return runs.ask_for_run(session, YEAR, Asked(), action, reason=reason, items=items)


def test_all_plain_cases_are_approved_and_the_others_listed_with_the_reason(
    season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "IN_A_PART", 1)
    plain, asking, elsewhere = season.at_office(), season.at_office(filled=uncertain()), season.at_office(COUNTY)
    with season.as_office(CITY) as session:
        season.settle(session, plain)
    run = asked(season, Action.APPROVE)
    assert run.total == 2
    (why,) = worked_off(season, run)
    assert "需要核实" in why
    assert season.look(plain).state in {State.QUALIFIED, State.ONSITE_CONFIRMATION}
    assert [season.look(case).state for case in (asking, elsewhere)] == [State.QUALIFICATION_REVIEW] * 2
    assert season.story(plain)[-1].bulk
    with season.as_office(CITY) as session:
        found = runs.run_of(session, run.id)
        assert (found.state, found.done, found.finished_at) == ("ready", 2, season.now)
    # A second delivery of the job finds nothing left to do.
    worked_off(season, run)
    assert len([move for move in season.story(plain) if move.action == Action.APPROVE and move.bulk]) == 1


def test_a_return_has_one_reason_and_each_case_keeps_its_own_items(season: Season) -> None:
    case, changed = season.at_office(), season.at_office()
    run = asked(season, Action.RETURN, PHOTO, ItemVerdict("no_such_paper", faulty=True), reason=REASON)
    with season.as_office(CITY) as session:
        service.reject(session, changed.id, offices=season.offices, reason="测试理由")
    assert len(worked_off(season, run)) == 1
    returned = season.look(case)
    assert (returned.state, returned.unlocked_items) == (State.RETURNED, ["photo"])
    assert (season.story(case)[-1].reason, season.story(case)[-1].bulk) == (REASON, True)
    assert season.look(changed).state == State.REJECTED


def test_a_case_without_any_of_the_items_is_not_returned(season: Season) -> None:
    case = season.at_office()
    (why,) = worked_off(season, asked(season, Action.RETURN, ItemVerdict("no_such_paper", faulty=True), reason=REASON))
    assert "没有要退回的项目" in why
    assert season.look(case).state == State.QUALIFICATION_REVIEW


def test_a_run_needs_cases_and_a_return_a_reason_and_items(season: Season) -> None:
    with pytest.raises(Conflict, match="没有符合条件"):
        asked(season, Action.APPROVE)
    season.at_office()
    with pytest.raises(Invalid, match="退回的原因"):
        asked(season, Action.RETURN, PHOTO)
    with pytest.raises(Invalid, match="勾选一个"):
        asked(season, Action.RETURN, reason=REASON)


def test_a_run_ends_where_its_officer_has_left(season: Season) -> None:
    case = season.at_office()
    run = asked(season, Action.APPROVE)
    with season.as_system(CITY) as session:
        runs.stop(session, run.id, "办理人员已不在本机构任职。")
    assert worked_off(season, run) == []
    assert season.look(case).state == State.QUALIFICATION_REVIEW


def test_an_officer_keeps_views_of_the_desk_and_nobody_else_sees_them(season: Season) -> None:
    kept = {"state": "qualification_review", "sort": Order.UNIT.value}
    with season.as_office(CITY) as session:
        save_view(session, "三级", filters=kept, columns=["due"], is_default=True)
        second = save_view(session, "按单位", filters=kept, columns=["unit", "due"], is_default=True)
        again = save_view(session, "按单位", filters=kept, columns=["unit"], is_default=True)
        assert again.id == second.id
        assert [(view.name, view.is_default, view.columns) for view in views(session)] == [
            ("三级", False, ["due"]),
            ("按单位", True, ["unit"]),
        ]
    with season.as_office(CITY, "second") as session:
        assert list(views(session)) == []
        remove_view(session, second.id)
    with season.as_office(CITY) as session:
        remove_view(session, second.id)
        assert [view.name for view in views(session)] == ["三级"]
        with pytest.raises(Invalid, match="写下名称"):
            save_view(session, " ", filters={}, columns=[], is_default=False)
        for number in range(MOST_VIEWS - 1):
            save_view(session, f"第{number}个", filters={}, columns=[], is_default=False)
        with pytest.raises(Conflict, match="最多保存"):
            save_view(session, "再一个", filters={}, columns=[], is_default=False)
