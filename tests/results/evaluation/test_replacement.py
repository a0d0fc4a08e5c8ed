"""Members who step back or leave at any moment, substitutes by lot, panels dissolved and formed again: no dead end."""

from collections.abc import Callable
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from core.audit.models import RecordEntry
from core.errors import Conflict, Invalid, KaowuError, NotFound
from core.results.evaluation.limits import limited
from core.results.evaluation.panels import add_member, close_panel, form_panel, name_chair, open_panel
from core.results.evaluation.queries import members, panels, shortage
from core.results.evaluation.replacement import dissolve, draw_member, leave, pool
from core.results.evaluation.scoring import excuse_sheet
from core.results.models.evaluation import (
    EvaluationPanel,
    EvaluationScore,
    EvaluationSheet,
    PanelCandidate,
    PanelDraw,
    PanelMember,
)
from tests.cases import CITY, YEAR
from tests.results.conftest import Office
from tests.results.evaluation.panel_at_work import MEMBERS, MINUTES, Panel, begun, candidates, formed, hand_in, issue

NAMES = (*MEMBERS, "庚", "辛", "壬", "癸", "子", "丑", "寅", "卯")
WHY = "测试原因：突发疾病"


@pytest.fixture
def panel(office: Office) -> Panel:
    """Two candidates who passed theory before three members."""
    good = candidates(office, 140, 160)
    panel_id = formed(office)
    begun(office, panel_id)
    return Panel(office, panel_id, good)


def _leave(panel: Panel, name: str, *, voids: bool = False) -> None:
    with panel.office.at_work() as session:
        leave(session, panel.id, panel.office.examiner(name).account_id, reason=WHY, voids=voids)


def _drawn(panel: Panel) -> str:
    """Draw a member; the name under which they act."""
    with panel.office.at_work() as session:
        account_id = draw_member(session, panel.id, offices=panel.office.season.offices).account_id
    return next(name for name in NAMES if panel.office.examiner(name).account_id == account_id)


def _chair(panel: Panel, name: str) -> None:
    with panel.office.at_work() as session:
        name_chair(session, panel.id, panel.office.examiner(name).account_id)


def _scores(panel: Panel) -> int:
    with panel.office.at_work() as session:
        return session.execute(select(func.count()).select_from(EvaluationScore)).scalar_one()


def _before_scores(panel: Panel) -> None:
    """Nobody has scored."""


def _after_some(panel: Panel) -> None:
    panel.score("丁", panel.candidates[0], 80)


def _after_all(panel: Panel) -> None:
    panel.score_all({case.id: 80 for case in panel.candidates})


@pytest.mark.parametrize("before", [_before_scores, _after_some, _after_all])
@pytest.mark.parametrize("voids", [False, True])
def test_a_chair_who_leaves_at_any_moment_is_replaced_and_the_panel_ends(
    panel: Panel, before: Callable[[Panel], None], voids: bool
) -> None:
    before(panel)
    kept = _scores(panel)
    issue(panel.office, "庚")
    _leave(panel, "丁", voids=voids)
    assert _scores(panel) == kept
    complete = before is _after_all and not voids
    if complete:
        with pytest.raises(Conflict, match="不需要替补"):
            _drawn(panel)
    else:
        assert _drawn(panel) == "庚"
        for case in panel.candidates:
            wanted = voids or not (before is _after_some and case is panel.candidates[0])
            if wanted:
                panel.score("庚", case, 70)
    if before is not _after_all:
        for name in ("戊", "己"):
            for case in panel.candidates:
                panel.score(name, case, 90)
    with pytest.raises(Conflict, match="组长"):
        panel.close()
    _chair(panel, "戊")
    panel.close()
    with panel.office.at_work() as session:
        scores = set(session.scalars(select(PanelCandidate.score).where(PanelCandidate.panel_id == panel.id)))
        gone = session.get_one(PanelMember, (panel.id, panel.office.examiner("丁").account_id))
        kinds = set(session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_type == "panel")))
    assert None not in scores
    assert (gone.left_reason, gone.chairs) == (WHY, False)
    assert {"panel.member_left", "panel.chair_named"} <= kinds
    assert ("panel.member_drawn" in kinds) is not complete


def test_members_leave_twice_and_what_was_voided_counts_no_more(panel: Panel) -> None:
    _after_all(panel)
    issue(panel.office, "庚")
    _leave(panel, "戊", voids=True)
    first = _drawn(panel)
    for case in panel.candidates:
        panel.score(first, case, 50)
    issue(panel.office, "辛")
    _leave(panel, first, voids=True)
    second = _drawn(panel)
    assert (first, second) == ("庚", "辛")
    for case in panel.candidates:
        panel.score(second, case, 80)
    panel.close()
    with panel.office.at_work() as session:
        assert set(session.scalars(select(PanelCandidate.score))) == {80}
        assert session.scalar(select(func.count()).where(EvaluationSheet.state == "void")) == 4
    with pytest.raises(Conflict, match="不在评审中"):
        _leave(panel, "丁")


def test_a_member_who_steps_back_from_one_candidate_is_replaced_for_that_one(panel: Panel) -> None:
    case, other = panel.candidates
    sheet = panel.sheet("己", case)
    with panel.office.at_work("己") as session:
        excuse_sheet(session, sheet, reason="师徒关系")
    with pytest.raises(Conflict, match="没有可以抽取的考评人员") as refused:
        _drawn(panel)
    assert "已在或曾在本组的3人" in refused.value.detail
    assert "增设考评角色" in refused.value.detail
    issue(panel.office, "庚")
    assert _drawn(panel) == "庚"
    panel.score("庚", case, 80)
    with panel.office.at_work() as session:
        sheets = select(func.count()).select_from(EvaluationSheet)
        drawn = EvaluationSheet.account_id == panel.office.examiner("庚").account_id
        assert session.scalar(sheets.where(drawn)) == 1
    for name, judged in (("丁", case), ("戊", case), ("丁", other), ("戊", other), ("己", other)):
        panel.score(name, judged, 80)
    panel.close()


def test_nobody_is_drawn_who_has_to_avoid_the_candidates(office: Office) -> None:
    good = candidates(office, 140)
    panel_id = formed(office)
    begun(office, panel_id)
    panel = Panel(office, panel_id, good)
    issue(office, "庚", person_id=good[0].person.person_id)
    _leave(panel, "戊")
    with pytest.raises(Conflict, match="须回避或经办本组的1人"):
        _drawn(panel)
    issue(office, "辛")
    assert _drawn(panel) == "辛"


def test_a_dissolved_panel_keeps_its_scores_and_leaves_its_trades_to_a_new_draw(panel: Panel) -> None:
    _after_some(panel)
    with panel.office.at_work("supervisor") as session:
        with pytest.raises(Invalid, match="解散的原因"):
            dissolve(session, panel.id, reason=" ")
        dissolve(session, panel.id, reason=WHY)
        with pytest.raises(Conflict, match="已经解散"):
            dissolve(session, panel.id, reason=WHY)
        states = set(session.scalars(select(EvaluationSheet.state)))
    assert states == {"void"}
    assert _scores(panel) == 3
    for act in (lambda: _leave(panel, "丁"), panel.close, lambda: _drawn(panel)):
        with pytest.raises(Conflict):
            act()
    with panel.office.at_work() as session:
        again = form_panel(session, year=YEAR, name="第一评审组", trades=["LS-1"], offices=panel.office.season.offices)
        for _ in MEMBERS:
            draw_member(session, again.id, offices=panel.office.season.offices)
        name_chair(session, again.id, panel.office.examiner("丁").account_id)
        assert all(member.drawn for member in members(session, again.id))
    begun(panel.office, again.id)
    new = Panel(panel.office, again.id, panel.candidates)
    new.score_all({case.id: 70 for case in panel.candidates})
    new.close()
    with panel.office.at_work() as session:
        assert len(set(session.scalars(select(PanelDraw.seed)))) == 2
        assert [found.state for found in panels(session, YEAR)] == ["closed", "dissolved"]


def test_a_panel_ended_without_published_results_is_dissolved_and_examiners_dissolve_none(panel: Panel) -> None:
    _after_all(panel)
    panel.close()
    with panel.office.at_work() as session, pytest.raises(DBAPIError, match="row-level"), session.begin_nested():
        dissolve(session, panel.id, reason=WHY)
    with panel.office.at_work("supervisor") as session:
        dissolve(session, panel.id, reason=WHY)
        assert session.get_one(EvaluationPanel, panel.id).minutes == MINUTES


def test_a_sheet_that_is_in_is_voided_and_never_opened_again(panel: Panel) -> None:
    _after_some(panel)
    reopen = text("UPDATE evaluation_sheets SET state = 'open', ended_at = NULL WHERE state = 'submitted'")
    with panel.office.at_work("丁") as session, pytest.raises(DBAPIError, match="decided"), session.begin_nested():
        session.execute(reopen)
    _leave(panel, "丁", voids=True)
    back = text("UPDATE evaluation_sheets SET state = 'submitted' WHERE state = 'void'")
    with panel.office.at_work("丁") as session:
        assert session.execute(back).rowcount == 0  # type: ignore[attr-defined]


class _Review:
    """One trade's review under random acts: whatever happens, it can be brought to an end."""

    def __init__(self, panel: Panel, luck: Random) -> None:
        self.panel, self.luck = panel, luck
        self.office = panel.office
        self.spare = [name for name in NAMES if name not in MEMBERS]
        self.refused: set[str] = set()

    @property
    def id(self) -> UUID:
        return self.panel.id

    def sitting(self) -> list[str]:
        with self.office.at_work() as session:
            there = {member.account_id for member in members(session, self.id, sitting=True)}
        return [name for name in NAMES if self.office.examiner(name).account_id in there]

    def waiting(self) -> list[tuple[str, UUID]]:
        with self.office.at_work() as session:
            mine = select(EvaluationSheet.account_id, EvaluationSheet.id)
            rows = session.execute(mine.where(EvaluationSheet.panel_id == self.id, EvaluationSheet.state == "open"))
            names = {self.office.examiner(name).account_id: name for name in NAMES}
            return [(names[row.account_id], row.id) for row in rows]

    def state(self) -> str:
        with self.office.at_work() as session:
            return str(session.get_one(EvaluationPanel, self.id).state)

    def somebody_scores(self) -> None:
        if sheets := self.waiting():
            hand_in(self.office, *self.luck.choice(sheets), self.luck.randrange(60, 100))

    def somebody_steps_back(self) -> None:
        if sheets := self.waiting():
            name, sheet = self.luck.choice(sheets)
            with self.office.at_work(name) as session:
                excuse_sheet(session, sheet, reason=WHY)

    def somebody_leaves(self) -> None:
        if sitting := self.sitting():
            _leave(self.panel, self.luck.choice(sitting), voids=self.luck.random() < 0.5)

    def chair_is_named(self) -> None:
        _chair(self.panel, self.luck.choice(self.sitting() or ["卯"]))

    def substitute_is_drawn(self) -> None:
        _drawn(self.panel)

    def pool_is_widened(self) -> None:
        if self.spare:
            issue(self.office, self.spare.pop(0))

    def panel_ends(self) -> None:
        self.panel.close()

    def panel_is_formed_again(self) -> None:
        with self.office.at_work("supervisor") as session:
            dissolve(session, self.id, reason=WHY)
        with self.office.at_work() as session:
            offices = self.office.season.offices
            again = form_panel(session, year=YEAR, name="第一评审组", trades=["LS-1"], offices=offices)
            for _ in MEMBERS:
                draw_member(session, again.id, offices=offices)
            name_chair(session, again.id, members(session, again.id)[0].account_id)
            open_panel(session, again.id, offices=offices)
        self.panel = Panel(self.office, again.id, self.panel.candidates)

    def act(self) -> None:
        """One act; a refusal changes nothing."""
        acts = [self.somebody_scores] * 4 + [self.somebody_steps_back, self.somebody_leaves, self.chair_is_named]
        acts += [self.substitute_is_drawn, self.pool_is_widened, self.panel_ends]
        acts += [self.panel_is_formed_again] * (self.luck.random() < 0.2)
        chosen = self.luck.choice(acts)
        before = self.picture()
        try:
            chosen()
        except (Conflict, NotFound) as refused:
            self.refused.add(refused.code)
            if chosen != self.panel_is_formed_again:
                assert self.picture() == before

    def picture(self) -> object:
        with self.office.at_work() as session:
            sheets = select(EvaluationSheet.id, EvaluationSheet.state).order_by(EvaluationSheet.id)
            people = select(PanelMember.account_id, PanelMember.chairs, PanelMember.left_at)
            return (
                session.execute(sheets).all(),
                session.execute(people.order_by(PanelMember.account_id, PanelMember.panel_id)).all(),
            )

    def check(self) -> None:
        """What holds after every act."""
        with self.office.at_work() as session:
            gone = (
                select(func.count())
                .select_from(EvaluationSheet)
                .join(
                    PanelMember,
                    (PanelMember.panel_id == EvaluationSheet.panel_id)
                    & (PanelMember.account_id == EvaluationSheet.account_id),
                )
            )
            assert session.scalar(gone.where(PanelMember.left_at.is_not(None), EvaluationSheet.state == "open")) == 0
            seated = members(session, self.id, sitting=True)
            assert sum(member.chairs for member in seated) <= 1
            over = select(EvaluationPanel.id).where(EvaluationPanel.state == "dissolved")
            in_force = EvaluationSheet.state.in_(("open", "submitted"))
            assert session.scalar(select(func.count()).where(EvaluationSheet.panel_id.in_(over), in_force)) == 0
            live = select(func.count()).where(EvaluationPanel.state != "dissolved")
            assert session.scalar(live) == 1

    def bring_to_an_end(self) -> None:
        """The way that the page names: widen the pool, draw, name a chair, score, end."""
        while self.spare:
            self.pool_is_widened()
        for _ in range(len(NAMES)):
            with self.office.at_work() as session:
                found = session.get_one(EvaluationPanel, self.id)
                if not shortage(session, found, self.office.season.offices).below:
                    break
            try:
                _drawn(self.panel)
            except Conflict as refused:
                assert refused.code == "pool_exhausted"  # noqa: PT017 - everybody has been drawn and has left
                self.panel_is_formed_again()
        if self.sitting():
            _chair(self.panel, self.sitting()[0])
        else:
            self.panel_is_formed_again()
        for name, sheet in self.waiting():
            hand_in(self.office, name, sheet, 75)
        self.panel.close()


@pytest.mark.parametrize("block", range(4))
def test_no_sequence_of_recusals_and_replacements_is_a_dead_end(panel: Panel, block: int) -> None:
    refused: set[str] = set()
    for seed in range(block * 10, block * 10 + 10):
        with panel.office.season.connection.begin_nested() as undone:
            review = _Review(Panel(panel.office, panel.id, panel.candidates), Random(seed))  # noqa: S311 - acts of a test, not a secret
            for _ in range(14):
                if review.state() != "scoring":
                    break
                review.act()
                review.check()
            if review.state() == "scoring":
                review.bring_to_an_end()
            assert review.state() == "closed", f"seed {seed}"
            undone.rollback()
        refused |= review.refused
    assert refused <= {
        *("sheets_open", "sheets_too_few", "chair_missing", "nobody_short", "pool_exhausted"),
        *("member_not_found", "members_too_few"),
    }
    assert "sheets_open" in refused


def test_an_act_of_a_panel_of_nobody_is_not_found(office: Office) -> None:
    with office.at_work() as session, pytest.raises(KaowuError, match="没有找到这个评审组"):
        close_panel(session, UUID(int=0), minutes=MINUTES, offices=office.season.offices)


@pytest.mark.parametrize(("rule", "said"), [("panels_a_year", "达到上限"), ("years_in_row", "应当轮换")])
def test_a_member_of_too_many_panels_or_years_is_not_engaged_again(
    panel: Panel, monkeypatch: pytest.MonkeyPatch, rule: str, said: str
) -> None:
    offices = panel.office.season.offices
    config = offices.config(CITY)
    evaluation = config.results.evaluation.model_copy(update={rule: 1})
    results = config.results.model_copy(update={"evaluation": evaluation})
    monkeypatch.setattr(type(offices), "config", lambda *_: config.model_copy(update={"results": results}))
    account_id = panel.office.examiner("戊").account_id
    year = YEAR if rule == "panels_a_year" else YEAR + 1
    with panel.office.at_work() as session:
        assert said in limited(session, [account_id], year, evaluation)[account_id]
        assert limited(session, [account_id], YEAR + 2, evaluation) == {}
    issue(panel.office, "庚")
    with panel.office.at_work() as session:
        other = form_panel(session, year=YEAR, name="第二评审组", trades=["LS-2"], offices=offices)
        if rule == "panels_a_year":
            with pytest.raises(Conflict, match="达到上限"):
                add_member(session, other.id, account_id, offices=offices)
            assert pool(session, other, offices=offices).limited == len(MEMBERS)
            with_one_left = draw_member(session, other.id, offices=offices)
            assert with_one_left.account_id == panel.office.examiner("庚").account_id
