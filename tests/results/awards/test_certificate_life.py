"""The life of a certificate, by any sequence of steps at any moments: what must never come out of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from core.clock import SHANGHAI
from core.errors import Conflict
from core.results.awards.certificate_life import Award, Stage, Step, standing, take

START = datetime(2024, 10, 8, 9, tzinfo=SHANGHAI)
STEPS = st.tuples(st.sampled_from(Step), st.integers(0, 10), st.integers(-2, 8))
FACTS = st.tuples(st.booleans(), st.booleans(), st.booleans())


def _lived(facts: tuple[bool, bool, bool], steps: list[tuple[Step, int, int]]) -> list[tuple[Step, Award, datetime]]:
    """Every step that was taken, with the award after it; a refused step leaves it as it was."""
    passed, qualified, held = facts
    award, now, taken = Award(passed=passed, qualified=qualified, held=held), START, []
    for step, later, period in steps:
        now += timedelta(days=later)
        try:
            award = take(award, step, now=now, ends_at=now + timedelta(days=period))
        except Conflict:
            continue
        taken.append((step, award, now))
    return taken


@given(FACTS, st.lists(STEPS, max_size=30))
def test_no_certificate_is_issued_without_a_pass_and_a_list_whose_period_is_over(
    facts: tuple[bool, bool, bool], steps: list[tuple[Step, int, int]]
) -> None:
    taken = _lived(facts, steps)
    for place, (step, award, now) in enumerate(taken):
        if step is Step.ISSUE:
            assert facts == (True, True, False)
            assert award.ends_at is not None
            assert award.ends_at <= now
            before = [step for step, _, _ in taken[:place] if step not in {Step.STRIKE, Step.RESTORE}]
            assert before[-3:] == [Step.LIST, Step.PUBLISH, Step.CLOSE]


@given(FACTS, st.lists(STEPS, max_size=30))
def test_a_revoked_certificate_is_never_valid_again(
    facts: tuple[bool, bool, bool], steps: list[tuple[Step, int, int]]
) -> None:
    taken = _lived(facts, steps)
    revoked = [place for place, (step, _, _) in enumerate(taken) if step is Step.REVOKE]
    assert len(revoked) <= 1
    for _, award, _ in taken[revoked[0] :] if revoked else ():
        assert standing(award) == "revoked"
        assert award.stage in {Stage.REVOKED, Stage.RETURNED}
        assert award.revoked_at == taken[revoked[0]][2]


@given(FACTS, st.lists(STEPS, max_size=30))
def test_a_superseded_certificate_is_neither_valid_nor_revoked_again(
    facts: tuple[bool, bool, bool], steps: list[tuple[Step, int, int]]
) -> None:
    taken = _lived(facts, steps)
    superseded = [place for place, (step, _, _) in enumerate(taken) if step is Step.SUPERSEDE]
    assert len(superseded) <= 1
    for _, award, _ in taken[superseded[0] :] if superseded else ():
        assert (standing(award), award.revoked_at) == ("superseded", None)


@given(FACTS, st.lists(STEPS, max_size=30))
def test_a_certificate_is_issued_once_and_struck_people_get_none(
    facts: tuple[bool, bool, bool], steps: list[tuple[Step, int, int]]
) -> None:
    taken = [step for step, _, _ in _lived(facts, steps)]
    assert taken.count(Step.ISSUE) <= 1
    before = taken[: taken.index(Step.ISSUE)] if Step.ISSUE in taken else []
    latest = before[len(before) - before[::-1].index(Step.PUBLISH) :] if before else []
    assert latest.count(Step.STRIKE) == latest.count(Step.RESTORE)


@given(FACTS, st.lists(STEPS, max_size=30))
def test_nothing_is_issued_for_a_list_that_was_corrected_and_none_withdrawn_after_issue(
    facts: tuple[bool, bool, bool], steps: list[tuple[Step, int, int]]
) -> None:
    taken = [step for step, _, _ in _lived(facts, steps)]
    assert not (Step.CORRECT in taken and Step.ISSUE in taken)
    assert Step.WITHDRAW not in (taken[taken.index(Step.ISSUE) :] if Step.ISSUE in taken else [])


def test_a_whole_life() -> None:
    award = take(Award(passed=True), Step.LIST, now=START)
    award = take(award, Step.PUBLISH, now=START, ends_at=START + timedelta(days=7))
    with pytest.raises(Conflict, match="公示至2024年10月15日24时"):
        take(replace(award, ends_at=datetime(2024, 10, 16, tzinfo=SHANGHAI)), Step.CLOSE, now=START)
    award = take(award, Step.CLOSE, now=START + timedelta(days=7))
    assert standing(award) == "unknown"
    award = take(award, Step.ISSUE, now=START + timedelta(days=8))
    assert standing(award) == "valid"
    award = take(award, Step.REVOKE, now=START + timedelta(days=9))
    award = take(award, Step.RETURN_PAPER, now=START + timedelta(days=20))
    assert (award.stage, standing(award)) == (Stage.RETURNED, "revoked")


def test_only_passes_are_listed_and_a_list_needs_a_period() -> None:
    with pytest.raises(Conflict, match="不能列入"):
        take(Award(), Step.LIST, now=START)
    with pytest.raises(Conflict, match="公示期须晚于"):
        take(Award(stage=Stage.LISTED, passed=True), Step.PUBLISH, now=START, ends_at=START)
