"""Which cases a delegation covers, and where a case next needs an office."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.clock import SHANGHAI
from core.delegation.scope import DELEGABLE, Scope, next_office_stage, overlap
from core.domain.workflow import State
from core.plugin_api import Grade, ReviewStage

UNIT, OTHER = UUID(int=1), UUID(int=2)
START = datetime(2024, 3, 18, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("narrowed", "covered"),
    [
        ({}, True),
        ({"grades": frozenset({Grade.FIVE})}, True),
        ({"grades": frozenset({Grade.FOUR})}, False),
        ({"trades": frozenset({"LS-1"})}, True),
        ({"trades": frozenset({"LS-2"})}, False),
        ({"units": frozenset({UNIT, OTHER})}, True),
        ({"units": frozenset({OTHER})}, False),
        ({"grades": frozenset()}, False),
        ({"grades": frozenset({Grade.FIVE}), "trades": frozenset({"LS-2"})}, False),
    ],
)
def test_a_case_is_covered_where_every_part_of_the_scope_covers_it(narrowed: dict[str, Any], covered: bool) -> None:
    assert Scope(DELEGABLE, **narrowed).covers(grade=Grade.FIVE, trade="LS-1", unit_id=UNIT) is covered


@pytest.mark.parametrize(
    ("state", "onsite_needed", "stage"),
    [
        (State.UNIT_REVIEW, True, ReviewStage.QUALIFICATION_REVIEW),
        (State.DEPARTMENT_REVIEW, True, ReviewStage.QUALIFICATION_REVIEW),
        (State.RETURNED, True, ReviewStage.QUALIFICATION_REVIEW),
        (State.QUALIFICATION_REVIEW, True, ReviewStage.QUALIFICATION_REVIEW),
        (State.ONSITE_CONFIRMATION, True, ReviewStage.ONSITE_CONFIRMATION),
        (State.PROVISIONAL, True, ReviewStage.ONSITE_CONFIRMATION),
        (State.PROVISIONAL, False, ReviewStage.QUALIFICATION_REVIEW),
    ],
)
def test_a_case_next_needs_the_office_of_its_stage(state: State, onsite_needed: bool, stage: ReviewStage) -> None:
    assert next_office_stage(state, onsite_needed=onsite_needed) is stage


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0, 2), (1, 3), True),
        ((0, 2), (2, 3), False),
        ((0, None), (5, 6), True),
        ((0, None), (5, None), True),
        ((3, None), (0, 3), False),
        ((3, None), (0, 4), True),
    ],
)
def test_half_open_spans_overlap_where_they_share_a_moment(
    first: tuple[int, int | None], second: tuple[int, int | None], expected: bool
) -> None:
    def span(days: tuple[int, int | None]) -> tuple[datetime, datetime | None]:
        return START + timedelta(days[0]), None if days[1] is None else START + timedelta(days[1])

    assert overlap(span(first), span(second)) is expected
    assert overlap(span(second), span(first)) is expected
