"""The ranking against the quotas: equals at the last place, two officers, and what may change under it."""

from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given, strategies as st
from sqlalchemy.exc import DBAPIError

from core.applications.models import Application
from core.db.session import Actor, Role
from core.errors import Conflict, Invalid
from core.plugin_api import Grade
from core.results.evaluation.panels import set_quota
from core.results.evaluation.papers import minutes_pdf, summary_pdf
from core.results.evaluation.ranking import confirm, propose, rankings, return_ranking, withdraw
from core.results.evaluation.ranking_rules import Numbered, ranked
from core.results.evaluation.replacement import dissolve
from core.results.models.evaluation import EvaluationPanel
from core.results.outcomes.service import work_out
from tests.cases import CITY, YEAR
from tests.reading import pages_of
from tests.results.conftest import Office
from tests.results.evaluation.panel_at_work import MINUTES, Panel, begun, candidates, formed

_POINTS = st.tuples(st.integers(50, 70), st.integers(120, 123))


@given(st.lists(_POINTS, min_size=1, max_size=9), st.integers(0, 6))
def test_ranks_follow_score_and_theory_and_no_shared_last_place_is_inside(
    points: list[tuple[int, int]], limit: int
) -> None:
    people = [
        Numbered(uuid4(), number, "LS-1", Decimal(score), Decimal(0), Decimal(theory))
        for number, (score, theory) in enumerate(points, 1)
    ]
    lines = ranked(people, {"LS-1": limit}, pass_mark=Decimal(60))
    assert sorted(line.number for line in lines) == [one.number for one in people]
    order = [(Decimal(line.score), Decimal(line.theory)) for line in lines]
    assert order == sorted(order, reverse=True)
    inside = [line for line in lines if line.within]
    assert len(inside) <= limit
    assert all(line.reaches for line in inside)
    assert all(line.rank <= limit for line in inside)
    for line in lines:
        if line.tied:
            assert sum(other.rank == line.rank for other in lines) > 1
        if line.reaches and not line.within and not line.tied:
            assert line.rank > limit


@pytest.fixture
def panel(office: Office) -> Panel:
    """A panel of two candidates that has ended."""
    good = candidates(office, 140, 160)
    panel_id = formed(office)
    begun(office, panel_id)
    made = Panel(office, panel_id, good)
    made.score_all({good[0].id: 80, good[1].id: 70})
    made.close()
    return made


def _quota(panel: Panel, places: int) -> None:
    with panel.office.at_work("supervisor") as session:
        set_quota(session, year=YEAR, trade="LS-1", places=places, source="临人社〔2024〕9号")


def _states(panel: Panel) -> list[str]:
    with panel.office.at_work() as session:
        return [ranking.state for ranking in rankings(session, panel.id)]


def test_a_ranking_is_confirmed_by_another_and_once(panel: Panel) -> None:
    proposed = panel.rank()
    offices = panel.office.season.offices
    with pytest.raises(Conflict, match="已经提出"):
        panel.rank()
    with panel.office.at_work("乙") as session, pytest.raises(DBAPIError, match="row-level"), session.begin_nested():
        confirm(session, proposed, offices=offices)
    panel.confirm(proposed)
    with panel.office.at_work("supervisor") as session, pytest.raises(Conflict, match="已由其他人确认"):
        confirm(session, proposed, offices=offices)
    assert _states(panel) == ["confirmed"]


def test_who_proposed_confirms_in_no_other_role(panel: Panel) -> None:
    proposed = panel.rank()
    same = panel.office.examiner("甲")
    supervisor = Actor(same.account_id, same.name, Role.CITY_SUPERVISOR, office_id=CITY)
    acting = panel.office.season.as_office(CITY, actor=supervisor)
    with acting as session, pytest.raises(DBAPIError, match="second person"), session.begin_nested():
        confirm(session, proposed, offices=panel.office.season.offices)
    assert _states(panel) == ["proposed"]


def test_a_quota_that_changed_meanwhile_sends_the_ranking_back(panel: Panel) -> None:
    proposed = panel.rank()
    _quota(panel, 1)
    with pytest.raises(Conflict, match="名额或成绩有变化"):
        panel.confirm(proposed)
    with panel.office.at_work("supervisor") as session:
        with pytest.raises(Invalid, match="退回的原因"):
            return_ranking(session, proposed, reason=" ")
        return_ranking(session, proposed, reason="名额已下达")
    panel.confirm(panel.rank())
    assert _states(panel) == ["confirmed", "returned"]
    with pytest.raises(Conflict, match="排名已经确认"):
        _quota(panel, 2)


def test_a_confirmed_ranking_is_withdrawn_for_a_reason_until_results_are_out(panel: Panel) -> None:
    first = panel.rank()
    panel.confirm(first)
    with panel.office.at_work("supervisor") as session:
        withdraw(session, first, reason="省里追加名额")
        with pytest.raises(Conflict, match="已退回或撤回"):
            withdraw(session, first, reason="省里追加名额")
    _quota(panel, 1)
    with panel.office.at_work() as session, pytest.raises(Conflict, match="排名尚未确认"):
        work_out(session, year=YEAR, offices=panel.office.season.offices, grades=[Grade.ONE])
    panel.confirm(panel.rank())
    assert _states(panel) == ["confirmed", "withdrawn"]


def test_a_ranking_that_waits_goes_with_its_dissolved_panel(panel: Panel) -> None:
    proposed = panel.rank()
    with panel.office.at_work("supervisor") as session:
        dissolve(session, panel.id, reason="评审程序有误")
    assert _states(panel) == ["returned"]
    with pytest.raises(Conflict):
        panel.confirm(proposed)
    with panel.office.at_work() as session, pytest.raises(Conflict, match="尚未结束评分或已解散"):
        propose(session, panel.id, offices=panel.office.season.offices)


def test_no_outcome_of_grade_one_is_worked_out_while_a_panel_scores(office: Office) -> None:
    candidates(office, 140)
    begun(office, formed(office))
    for who in ("甲", "丁"):
        with office.at_work(who) as session, pytest.raises(Conflict, match="还在评分"):
            work_out(session, year=YEAR, offices=office.season.offices, grades=[Grade.ONE])


def test_the_papers_tell_scores_ranks_and_members_once_the_panel_has_ended(panel: Panel) -> None:
    offices = panel.office.season.offices
    panel.confirm(panel.rank())
    with panel.office.at_work("supervisor") as session:
        found = session.get_one(EvaluationPanel, panel.id)
        summary = "".join(pages_of(summary_pdf(session, found, offices=offices).content))
        minutes = "".join(pages_of(minutes_pdf(session, found).content))
        people = [session.get_one(Application, case.id).person_name for case in panel.candidates]
    for said in (*people, "排名已确认", "没有名额限制", "80.0、80.0、80.0", "进入", "盖章"):
        assert said in summary
    for said in (MINUTES, "测试考评丁（组长）", "提交2张", "签名"):
        assert said in minutes


def test_a_panel_that_has_not_ended_has_no_papers(office: Office) -> None:
    candidates(office, 140)
    panel_id = formed(office)
    begun(office, panel_id)
    with office.at_work() as session:
        found = session.get_one(EvaluationPanel, panel_id)
        for paper in (lambda: minutes_pdf(session, found), lambda: summary_pdf(session, found, offices=None)):  # type: ignore[arg-type]
            with pytest.raises(Conflict, match="没有汇总表和会议纪要"):
                paper()
