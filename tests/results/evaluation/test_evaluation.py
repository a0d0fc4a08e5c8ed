"""The comprehensive review: avoidance, independent scoring, numbers in place of names, quota, minutes, outcome."""

from decimal import Decimal
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from core.audit.models import RecordEntry
from core.db.session import Actor, Role
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.plugin_api import Grade
from core.results.evaluation.panels import add_member, close_panel, form_panel, open_panel, remove_member, set_quota
from core.results.evaluation.queries import seed_of
from core.results.evaluation.scoring import excuse_sheet, own_sheet, own_sheets, panel_candidates, submit_sheet
from core.results.evaluation.scoring_rules import Criterion, combined, commits, drawn, faults, total
from core.results.models.evaluation import EvaluationPanel, EvaluationScore, EvaluationSheet, PanelIdentity
from core.results.models.marks import Outcome
from core.results.outcomes.service import WorkedOut, work_out
from tests.cases import CITY, YEAR
from tests.results.conftest import Office
from tests.results.evaluation.panel_at_work import MEMBERS, Panel, begun, candidates, formed, issue

CRITERIA = (Criterion("work", "业绩", 60, 50), Criterion("skill", "技能", 40, 100))


@given(st.lists(st.uuids(), unique=True), st.text(max_size=8), st.randoms())
def test_a_draw_can_be_repeated_in_any_order_and_misses_nobody(those: list[UUID], seed: str, random: Random) -> None:
    order = drawn(those, seed)
    assert order == drawn(random.sample(those, len(those)), seed)
    assert set(order) == set(those)
    assert len(order) == len(those)


@given(st.lists(st.decimals(min_value=0, max_value=100, places=1), min_size=1, max_size=7))
def test_the_mean_lies_between_and_spread_is_nought_only_for_equals(totals: list[Decimal]) -> None:
    result = combined(totals)
    assert min(totals) <= result.score <= max(totals)
    assert (result.lowest, result.highest) == (min(totals), max(totals))
    assert result == combined(reversed(totals))
    if len(set(totals)) == 1:
        assert result.spread == 0


def test_weights_bring_every_criterion_to_its_share_of_a_hundred() -> None:
    assert total({"work": Decimal(50), "skill": Decimal(100)}, CRITERIA) == 100
    assert total({"work": Decimal(25), "skill": Decimal("33.3")}, CRITERIA) == Decimal("43.3")


def test_a_sheet_is_filled_in_whole_and_within_its_maximum() -> None:
    assert faults({"work": Decimal(50), "skill": Decimal("0.5")}, CRITERIA) == {}
    assert set(faults({"work": Decimal("50.1"), "other": Decimal(1)}, CRITERIA)) == {"work", "skill", "other"}
    assert set(faults({"work": Decimal("NaN"), "skill": Decimal("1.55")}, CRITERIA)) == {"work", "skill"}


@pytest.fixture
def panel(office: Office) -> Panel:
    """Two candidates who passed theory and one who did not, before three members."""
    good = candidates(office, 140, 160, 80)[:2]
    panel_id = formed(office)
    begun(office, panel_id)
    return Panel(office, panel_id, good)


def test_only_candidates_who_passed_theory_get_a_drawn_number_of_the_panel(panel: Panel) -> None:
    with panel.office.at_work("丁") as session:
        sheets = own_sheets(session, YEAR)
    with panel.office.at_work() as session:
        lines = panel_candidates(session, session.get_one(EvaluationPanel, panel.id))
    panel.score_all(dict.fromkeys([candidate.id for candidate in panel.candidates], 80))
    panel.close()
    with panel.office.at_work() as session:
        seed, commitment = seed_of(session, panel.id), session.get_one(EvaluationPanel, panel.id).commitment
    assert seed is not None
    assert commits(seed, commitment)
    order = drawn([candidate.id for candidate in panel.candidates], seed)
    assert [line.reference for line in lines] == [
        panel.office.reference(next(case for case in panel.candidates if case.id == one)) for one in order
    ]
    assert [(sheet.number, sheet.trade, sheet.name, sheet.unit) for sheet in sheets] == [
        (1, "LS-1", "", ""),
        (2, "LS-1", "", ""),
    ]


def test_a_member_sees_no_scores_of_others_before_their_own_sheet_is_in(panel: Panel) -> None:
    first, second = panel.candidates
    panel.score("丁", first, 80)
    panel.score("丁", second, 80)
    seen = select(EvaluationScore.sheet_id).distinct()
    with panel.office.at_work("戊") as session:
        assert session.scalars(seen).all() == []
    panel.score("戊", first, 70)
    with panel.office.at_work("戊") as session:
        assert set(session.scalars(seen)) == {panel.sheet("丁", first), panel.sheet("戊", first)}


def test_a_sheet_belongs_to_its_member_and_is_handed_in_once(panel: Panel) -> None:
    case = panel.candidates[0]
    sheet_id = panel.sheet("丁", case)
    scores = {code: Decimal(80) for code in ("achievement", "skill", "teaching")}
    with panel.office.at_work("戊") as session, pytest.raises(NotFound):
        submit_sheet(session, sheet_id, scores)
    mine = panel.office.examiner("丁")
    deputy = Actor(uuid4(), "测试代办", Role.EXAMINER, office_id=CITY, on_behalf_of=mine.account_id)
    with panel.office.season.as_office(CITY, actor=deputy) as session, pytest.raises(Forbidden, match="不能代办"):
        submit_sheet(session, sheet_id, scores)
    with panel.office.at_work("丁") as session:
        with pytest.raises(Invalid) as refused:
            submit_sheet(session, sheet_id, scores | {"skill": Decimal(101)})
        assert set(refused.value.fields) == {"skill"}
        submit_sheet(session, sheet_id, scores)
        with pytest.raises(Conflict, match="不能再改"):
            submit_sheet(session, sheet_id, scores)
        assert own_sheet(session, sheet_id).total == Decimal("80.0")
    forged = insert(EvaluationScore).values(sheet_id=panel.sheet("己", case), criterion="x", office_id=CITY, score=1)
    with panel.office.at_work("戊") as session, pytest.raises(DBAPIError, match="row-level"), session.begin_nested():
        session.execute(forged)


def test_no_member_gets_a_sheet_on_themselves_or_their_own_units_people(office: Office) -> None:
    own, other = candidates(office, 140, 150)
    panel_id = formed(office, unit_of={"丁": own.unit}, members=(*MEMBERS, "庚"))
    himself = issue(office, "辛", person_id=other.person.person_id)
    with office.at_work() as session:
        add_member(session, panel_id, himself, offices=office.season.offices)
    begun(office, panel_id)
    with office.at_work() as session:
        rows = session.execute(
            select(PanelIdentity.application_id, EvaluationSheet.account_id, PanelIdentity.candidate_id).join(
                EvaluationSheet, EvaluationSheet.candidate_id == PanelIdentity.candidate_id
            )
        ).all()
        pairs = {(row.application_id, row.account_id) for row in rows}
        number = next(row.candidate_id for row in rows if row.application_id == other.id)
    assert (own.id, office.examiner("丁").account_id) not in pairs
    assert (other.id, himself) not in pairs
    assert len(pairs) == 8
    forged = insert(EvaluationSheet).values(
        id=uuid4(), panel_id=panel_id, candidate_id=number, account_id=himself, office_id=CITY, state="open", remark=""
    )
    with office.at_work() as session, pytest.raises(DBAPIError), session.begin_nested():
        session.execute(forged)


def test_a_panel_without_a_chair_or_with_too_few_members_does_not_begin(office: Office) -> None:
    own, _other = candidates(office, 140, 150)
    panel_id = formed(office, unit_of={"己": own.unit})
    with office.at_work() as session:
        with pytest.raises(Conflict, match=f"{office.season.look(own).reference}等1人的评委不足3名"):
            open_panel(session, panel_id, offices=office.season.offices)
        remove_member(session, panel_id, office.examiner("丁").account_id)
        with pytest.raises(Conflict, match="组长"):
            open_panel(session, panel_id, offices=office.season.offices)


def test_a_panel_closes_with_all_sheets_in_enough_of_them_and_minutes(panel: Panel) -> None:
    first, second = panel.candidates
    with pytest.raises(Conflict, match="还有6张"):
        panel.close()
    panel.score_all({first.id: 80, second.id: 60})
    with panel.office.at_work() as session, pytest.raises(Invalid, match="会议记录"):
        close_panel(session, panel.id, minutes=" ", offices=panel.office.season.offices)
    panel.close()
    with pytest.raises(Conflict, match="不在评审中"):
        panel.close()
    with panel.office.at_work() as session:
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_type == "panel")).all()
    assert kinds.count("sheet.submitted") == 6
    assert {"panel.formed", "panel.member_added", "panel.opened", "panel.closed"} < set(kinds)


def test_an_excused_sheet_leaves_too_few_and_the_dispersion_is_shown(panel: Panel) -> None:
    first, second = panel.candidates
    for name, points in zip(MEMBERS, (60, 75, 90), strict=True):
        panel.score(name, first, points)
    sheet_id = panel.sheet("丁", second)
    with panel.office.at_work("丁") as session:
        with pytest.raises(Invalid, match="回避的原因"):
            excuse_sheet(session, sheet_id, reason="")
        excuse_sheet(session, sheet_id, reason="师徒关系")
    panel.score("戊", second, 70)
    panel.score("己", second, 70)
    with panel.office.at_work() as session:
        lines = panel_candidates(session, session.get_one(EvaluationPanel, panel.id))
        result = next(line.result for line in lines if line.submitted == 3)
    assert result is not None
    assert (result.score, result.spread, result.lowest, result.highest) == (75, Decimal("12.2"), 60, 90)
    with pytest.raises(Conflict, match="少于3张"):
        panel.close()


def test_the_outcome_of_grade_one_is_theory_and_review_within_the_quota_of_the_trade(panel: Panel) -> None:
    first, second = panel.candidates
    with panel.office.at_work("supervisor") as session:
        set_quota(session, year=YEAR, trade="LS-1", places=1, source="临人社〔2024〕9号")
    panel.score_all({first.id: 80, second.id: 70})
    panel.close()
    with panel.office.at_work() as session, pytest.raises(Conflict, match="排名尚未确认"):
        work_out(session, year=YEAR, offices=panel.office.season.offices, grades=[Grade.ONE])
    panel.confirm(panel.rank())
    with panel.office.at_work() as session:
        found = work_out(session, year=YEAR, offices=panel.office.season.offices, grades=[Grade.ONE])
        outcomes = {
            outcome.application_id: (outcome.passed, outcome.reason) for outcome in session.scalars(select(Outcome))
        }
    assert found == WorkedOut(passed=1, failed=2, kept=0)
    assert outcomes[first.id] == (True, "各项成绩均达到合格标准。")
    assert outcomes[second.id] == (False, "综合评审排名在本工种名额之外。")


def test_a_supervisor_sets_a_quota_with_its_paper_and_a_trade_has_one_panel(office: Office) -> None:
    with office.at_work("supervisor") as session:
        with pytest.raises(Invalid, match="依据"):
            set_quota(session, year=YEAR, trade="LS-1", places=1, source=" ")
        with pytest.raises(Invalid, match="开放一级"):
            set_quota(session, year=YEAR, trade="LS-404", places=1, source="文号")
    with office.at_work() as session, pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
        set_quota(session, year=YEAR, trade="LS-1", places=99, source="文号")
    formed(office)
    with office.at_work() as session, pytest.raises(Conflict, match="已有评审组"):
        form_panel(session, year=YEAR, name="第二评审组", trades=["LS-1"], offices=office.season.offices)


def test_a_member_is_an_examiner_of_the_office(office: Office) -> None:
    panel_id = formed(office)
    with office.at_work() as session:
        with pytest.raises(Invalid, match="不是本机构的考评人员"):
            add_member(session, panel_id, office.examiner("壬").account_id, offices=office.season.offices)
        with pytest.raises(Conflict, match="已在评审组中"):
            add_member(session, panel_id, office.examiner("丁").account_id, offices=office.season.offices)


def test_the_result_of_a_closed_panel_does_not_change(panel: Panel) -> None:
    panel.score_all({candidate.id: 80 for candidate in panel.candidates})
    panel.close()
    with panel.office.at_work() as session, pytest.raises(DBAPIError, match="came to stays"), session.begin_nested():
        session.execute(text("UPDATE panel_candidates SET score = 100"))
