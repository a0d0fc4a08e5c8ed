"""The phase of a year follows from the notice and from the acts that hold at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from core.clock import start_of
from core.seasons.phases import Phase, begins, standing_of
from tests.cases import at

NOTICE = date(2024, 3, 18)


@dataclass(frozen=True)
class _Act:
    phase: str
    effective: datetime
    made_at: datetime
    confirmed_at: datetime | None = None
    cancelled_at: datetime | None = None


def act(phase: Phase, effective: datetime, **more: datetime) -> _Act:
    return _Act(phase.value, effective, more.pop("made_at", effective - timedelta(days=1)), **more)


def test_without_an_act_a_year_is_open_from_the_day_of_its_notice() -> None:
    before = standing_of(NOTICE, [], start_of(NOTICE) - timedelta(seconds=1))
    assert (before.phase, before.since) == (Phase.PREPARING, None)
    after = standing_of(NOTICE, [], start_of(NOTICE))
    assert (after.phase, after.since) == (Phase.OPEN, start_of(NOTICE))


@pytest.mark.parametrize("moment", [at(3, 10), at(3, 25)])
def test_an_act_opens_a_year_earlier_or_later_than_its_notice(moment: datetime) -> None:
    acts = [act(Phase.OPEN, moment)]
    assert standing_of(NOTICE, acts, moment - timedelta(seconds=1)).phase is Phase.PREPARING
    assert standing_of(NOTICE, acts, moment).since == moment


def test_a_year_that_is_being_closed_can_open_again_and_be_closed() -> None:
    acts = [
        act(Phase.CLOSING, at(10, 1)),
        act(Phase.OPEN, at(10, 5)),
        act(Phase.CLOSING, at(11, 1)),
        act(Phase.CLOSED, at(12, 1), confirmed_at=at(12, 3)),
    ]
    seen = [standing_of(NOTICE, acts, moment).phase for moment in (at(9, 30), at(10, 1), at(10, 5), at(11, 1))]
    assert seen == [Phase.OPEN, Phase.CLOSING, Phase.OPEN, Phase.CLOSING]
    assert standing_of(NOTICE, acts, at(12, 2)).phase is Phase.CLOSING
    assert standing_of(NOTICE, acts, at(12, 3)).since == at(12, 3)


def test_nothing_is_closed_by_one_officer_or_by_an_act_that_was_taken_back() -> None:
    alone = act(Phase.CLOSED, at(12, 1))
    taken_back = act(Phase.CLOSED, at(12, 1), confirmed_at=at(11, 1), cancelled_at=at(11, 2))
    assert begins(alone) is begins(taken_back) is None
    assert standing_of(NOTICE, [act(Phase.CLOSING, at(11, 1)), alone, taken_back], at(12, 31)).phase is Phase.CLOSING


_MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2025, 12, 31)).map(lambda moment: moment.astimezone())  # noqa: DTZ001 - made aware


@st.composite
def _histories(draw: st.DrawFn) -> Sequence[_Act]:
    acts = []
    for phase in draw(st.lists(st.sampled_from([Phase.OPEN, Phase.CLOSING, Phase.CLOSED]), max_size=6)):
        settled = st.none() | _MOMENTS
        acts.append(
            _Act(phase.value, draw(_MOMENTS), draw(_MOMENTS), confirmed_at=draw(settled), cancelled_at=draw(settled))
        )
    return acts


@given(_histories(), _MOMENTS)
def test_an_act_that_does_not_hold_changes_nothing(acts: Sequence[_Act], now: datetime) -> None:
    holding = [made for made in acts if (moment := begins(made)) is not None and moment <= now]
    opening = [made for made in acts if made.phase == Phase.OPEN]
    if not opening:
        assert standing_of(NOTICE, acts, now) == standing_of(NOTICE, holding, now)
    assert (standing_of(NOTICE, acts, now).phase is Phase.CLOSED) <= any(made.confirmed_at for made in holding)
