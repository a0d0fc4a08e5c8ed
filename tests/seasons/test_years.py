"""Acts upon a year by the center: what is unfinished is shown, offices are told, and two officers close it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from core.db.session import ProvinceSession
from core.domain.workflow import State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.models import Notice
from core.oversight.years.acts import acts_of, cancel_act, confirm_close, enter_phase, pending
from core.oversight.years.unfinished import Unfinished, unfinished
from core.seasons.models import SeasonAct
from core.seasons.phases import Phase
from core.seasons.queries import check_not_ended, check_takes_in, latest_season, standing
from tests.cases import CITY, COUNTY, YEAR, Case, Season, at

WHY = "测试依据：考核工作已经完成"


@pytest.fixture
def worked(season: Season) -> Season:
    """A season with a case at the office."""
    season.now = at(3, 25)
    season.at_office()
    return season


@pytest.fixture(autouse=True)
def at_unit(worked: Season) -> Case:
    """The case at its unit."""
    return worked.submitted()


def _enter(session: ProvinceSession, phase: Phase, **more: object) -> SeasonAct:
    given = {"effective": None, "reason": WHY, **more}
    return enter_phase(session, YEAR, phase, **given)  # type: ignore[arg-type]


def _closing(season: Season) -> None:
    with season.as_province() as session:
        _enter(session, Phase.CLOSING)


def _proposed(season: Season) -> SeasonAct:
    _closing(season)
    with season.as_province() as session:
        return _enter(session, Phase.CLOSED)


def test_what_is_unfinished_is_counted_by_office_and_kind(worked: Season) -> None:
    with worked.as_province() as session:
        found = {(left.office_id, left.kind): left.count for left in unfinished(session, YEAR)}
        states = {
            office: sorted(state for of, state in rows if of == office)
            for rows in [session.execute(text("SELECT handler_office_id, state FROM applications")).all()]
            for office, _ in rows
        }
    assert states == {CITY: sorted([State.QUALIFICATION_REVIEW, State.UNIT_REVIEW])}
    assert found == {(CITY, Unfinished.AT_OFFICE): 1, (CITY, Unfinished.AT_UNIT): 1}
    with worked.as_office(COUNTY) as session:
        assert unfinished(session, YEAR) == []


def test_a_year_that_ends_takes_nobody_in_and_finishes_what_it_has(worked: Season) -> None:
    _closing(worked)
    with worked.as_office(CITY) as session:
        assert standing(session, YEAR).phase is Phase.CLOSING
        check_not_ended(session, YEAR)
        with pytest.raises(Conflict, match="进入收尾阶段"):
            check_takes_in(session, YEAR)
        (told,) = session.scalars(select(Notice).where(Notice.kind == "season_phase"))
    assert (told.title, told.body) == (
        f"{YEAR}年度考核自{YEAR}年3月25日起进入收尾",
        "贵机构还有2件事项未办结，其中单位或主管部门未审核的申请1件。请在年度结束前办结。",
    )


def test_two_officers_close_a_year_and_it_stays_the_current_one(worked: Season) -> None:
    act_id = _proposed(worked).id
    with worked.as_province() as session, pytest.raises(Forbidden, match="提出人不能核准"):
        confirm_close(session, act_id)
    with worked.as_province("second") as session:
        assert standing(session, YEAR).phase is Phase.CLOSING
        confirm_close(session, act_id)
        assert standing(session, YEAR).phase is Phase.CLOSED
        current = latest_season(session)
        assert current is not None
        assert current.year == YEAR
        assert pending(session, YEAR) is None
        with pytest.raises(Conflict, match="已经生效或撤回"):
            cancel_act(session, act_id, reason=WHY)
    with worked.as_office(CITY) as session, pytest.raises(Conflict, match="已结束"):
        check_not_ended(session, YEAR)


def test_a_close_that_was_looked_at_before_more_was_open_is_not_confirmed(worked: Season, at_unit: Case) -> None:
    act_id = _proposed(worked).id
    worked.approve_at_unit(at_unit)
    with (
        worked.as_province("second") as session,
        pytest.raises(Conflict, match="又有增加（待审查、待现场确认的申请等）"),
    ):
        confirm_close(session, act_id)
    with worked.as_province("second") as session:
        cancel_act(session, act_id, reason="又收到一件")
        assert pending(session, YEAR) is None
        _enter(session, Phase.CLOSED)


def test_an_act_for_a_later_day_holds_from_then_and_can_be_taken_back_before(worked: Season) -> None:
    later = worked.now + timedelta(days=10)
    with worked.as_province() as session:
        made = _enter(session, Phase.CLOSING, effective=later)
        assert standing(session, YEAR).phase is Phase.OPEN
        with pytest.raises(Conflict, match="还有一项未生效的决定"):
            _enter(session, Phase.CLOSING)
        with pytest.raises(Invalid, match="理由"):
            cancel_act(session, made.id, reason=" ")
        cancel_act(session, made.id, reason="提前了")
        with pytest.raises(Conflict, match="已经生效或撤回"):
            cancel_act(session, made.id, reason="提前了")
        _enter(session, Phase.CLOSING, effective=later)
    with worked.as_office(CITY) as session:
        kinds = [notice.kind for notice in session.scalars(select(Notice).order_by(Notice.id))]
    assert [kind for kind in kinds if kind.startswith("season")] == [
        "season_phase",
        "season_act_cancelled",
        "season_phase",
    ]
    worked.now = later
    with worked.as_office(CITY) as session:
        assert standing(session, YEAR).phase is Phase.CLOSING


@pytest.mark.parametrize(
    ("phase", "refusal"),
    [(Phase.CLOSED, "不能转为“已结束”"), (Phase.OPEN, "不能转为“办理中”"), (Phase.PREPARING, "不能转为“准备中”")],
)
def test_no_phase_is_skipped(worked: Season, phase: Phase, refusal: str) -> None:
    with worked.as_province() as session, pytest.raises(Conflict, match=refusal):
        _enter(session, phase)


WRONG: dict[str, tuple[Callable[[ProvinceSession], object], type[Exception]]] = {
    "no reason": (lambda session: _enter(session, Phase.CLOSING, reason=""), Invalid),
    "a past day": (lambda session: _enter(session, Phase.CLOSING, effective=at(3, 1)), Invalid),
    "another year": (lambda session: enter_phase(session, 1999, Phase.CLOSING, effective=None, reason=WHY), NotFound),
}


@pytest.mark.parametrize("how", WRONG)
def test_a_wrong_act_is_refused_and_nothing_is_kept(worked: Season, how: str) -> None:
    act, refusal = WRONG[how]
    with worked.as_province() as session, pytest.raises(refusal):
        act(session)
    with worked.as_province() as session:
        assert acts_of(session, YEAR) == []


def test_the_database_lets_nobody_else_act_upon_a_year(worked: Season) -> None:
    act_id = _proposed(worked).id
    with pytest.raises(DBAPIError, match="permission denied"), worked.as_office(CITY) as session:
        session.execute(update(SeasonAct).values(cancel_reason="改过"))
    with pytest.raises(DBAPIError, match="permission denied"), worked.as_province("second") as session:
        session.execute(update(SeasonAct).where(SeasonAct.id == act_id).values(reason="改过"))
    with pytest.raises(DBAPIError, match="row-level security"), worked.as_province("second") as session:
        session.execute(text(_COPY))


_COPY = (
    "INSERT INTO season_acts (id, year, phase, effective, reason, unfinished, made_at, made_by, made_by_name,"
    " confirmed_by_name, cancelled_by_name, cancel_reason)"
    " SELECT gen_random_uuid(), year, phase, effective, reason, unfinished, made_at, made_by, made_by_name, '', '', ''"
    " FROM season_acts LIMIT 1"
)
"""An act in another officer's name."""
