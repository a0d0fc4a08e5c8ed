"""The pass rules: laws that hold for all marks, and cases that officers will ask about."""

from dataclasses import replace
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from core.domain.pass_rules import EarlierMark, Reviewed, passes_subject, standard, with_earlier_passes, within_quota
from core.hooks.floors import AnswerRefused, verdict_not_widened
from core.plugin_api import MarkStatus, MarksView, ReviewResult, SubjectMark, Verdict

SUBJECTS = ("岗位技能", "职业道德", "职业能力")
PASS = Decimal(60)
POINTS = st.decimals(min_value=0, max_value=100, places=1)
NOT_SCORED = st.sampled_from([MarkStatus.ABSENT, MarkStatus.VOID, MarkStatus.VIOLATION])


def result(subject: str) -> st.SearchStrategy[SubjectMark]:
    scored = POINTS.map(lambda mark: SubjectMark(subject, mark))
    return scored | NOT_SCORED.map(lambda status: SubjectMark(subject, None, status))


RESULTS = st.tuples(*(result(subject) for subject in SUBJECTS))


def view(marks: tuple[SubjectMark, ...], *, grade: int = 4, review: ReviewResult | None = None) -> MarksView:
    return MarksView(2024, grade, "LS-1", SUBJECTS, marks, PASS, review)


@given(RESULTS, st.randoms())
def test_the_order_of_marks_never_matters(marks: tuple[SubjectMark, ...], random: Random) -> None:
    shuffled = tuple(random.sample(marks, len(marks)))
    assert standard(view(shuffled)) == standard(view(marks))


@given(RESULTS, st.sampled_from(range(3)), POINTS)
def test_raising_a_mark_never_turns_a_pass_into_a_fail(marks: tuple[SubjectMark, ...], at: int, more: Decimal) -> None:
    if marks[at].mark is None:
        return
    higher = replace(marks[at], mark=min(Decimal(100), marks[at].mark + more))
    raised = (*marks[:at], higher, *marks[at + 1 :])
    assert standard(view(raised)).passed >= standard(view(marks)).passed


@given(RESULTS, st.sampled_from(range(3)), NOT_SCORED)
def test_absence_and_what_is_void_never_pass(marks: tuple[SubjectMark, ...], at: int, status: MarkStatus) -> None:
    void = (*marks[:at], SubjectMark(SUBJECTS[at], None, status), *marks[at + 1 :])
    assert not standard(view(void)).passed


@given(RESULTS, st.sampled_from(range(3)))
def test_without_a_subject_nobody_passes(marks: tuple[SubjectMark, ...], at: int) -> None:
    assert not standard(view((*marks[:at], *marks[at + 1 :]))).passed


@given(RESULTS)
def test_a_pass_is_every_subject_passed_and_each_one_lacking_is_named(marks: tuple[SubjectMark, ...]) -> None:
    verdict = standard(view(marks))
    assert verdict.passed is all(passes_subject(mark, PASS) for mark in marks)
    named = {subject for subject in SUBJECTS if subject in verdict.reason}
    assert named == {mark.subject for mark in marks if not passes_subject(mark, PASS)}


def test_a_grade_without_subjects_passes_nobody() -> None:
    assert not standard(replace(view(()), subjects=())).passed


def test_the_pass_mark_itself_passes_and_a_tenth_below_does_not() -> None:
    at = tuple(SubjectMark(subject, PASS) for subject in SUBJECTS)
    below = (*at[:2], SubjectMark("职业能力", Decimal("59.9")))
    assert standard(view(at)) == Verdict(True, "各项成绩均达到合格标准。")
    assert standard(view(below)) == Verdict(False, "职业能力59.9分，未达到60分。")


@pytest.mark.parametrize(
    ("review", "verdict"),
    [
        (None, Verdict(False, "尚未通过综合评审。")),
        (ReviewResult(Decimal("59.9"), PASS), Verdict(False, "综合评审59.9分，未达到60分。")),
        (ReviewResult(Decimal(90), PASS, within_quota=False), Verdict(False, "综合评审排名在本工种名额之外。")),
        (ReviewResult(Decimal(60), PASS), Verdict(True, "各项成绩均达到合格标准。")),
    ],
)
def test_grade_one_needs_theory_and_the_review_within_its_quota(review: ReviewResult | None, verdict: Verdict) -> None:
    theory = tuple(SubjectMark(subject, Decimal(75)) for subject in SUBJECTS)
    assert standard(view(theory, grade=1, review=review)) == verdict
    failed = (SubjectMark(SUBJECTS[0], Decimal(10)), *theory[1:])
    assert not standard(view(failed, grade=1, review=review)).passed


EARLIER = st.builds(EarlierMark, st.integers(min_value=2019, max_value=2024), st.sampled_from(SUBJECTS).flatmap(result))


@given(RESULTS, st.lists(EARLIER), st.integers(min_value=0, max_value=4))
def test_an_earlier_pass_only_helps_within_its_years_and_never_heals_a_void(
    marks: tuple[SubjectMark, ...], earlier: list[EarlierMark], years: int
) -> None:
    joined = with_earlier_passes(SUBJECTS, marks, earlier, year=2024, valid_years=years, pass_mark=PASS)
    assert [mark.subject for mark in joined] == list(SUBJECTS)
    for before, after in zip(marks, joined, strict=True):
        if after is before:
            continue
        assert after.carried_from in range(2024 - years, 2024)
        assert not passes_subject(before, PASS)
        assert before.status in {MarkStatus.SCORED, MarkStatus.ABSENT}
        assert EarlierMark(after.carried_from, SubjectMark(after.subject, after.mark)) in earlier
        assert passes_subject(after, PASS)


def test_without_validity_no_earlier_pass_counts() -> None:
    earlier = [EarlierMark(2023, SubjectMark("岗位技能", Decimal(99)))]
    assert with_earlier_passes(SUBJECTS, (), earlier, year=2024, valid_years=0, pass_mark=PASS) == ()


CANDIDATES = st.lists(
    st.tuples(st.integers(min_value=55, max_value=65), st.integers(min_value=120, max_value=123)), max_size=12
)


@given(CANDIDATES, st.integers(min_value=0, max_value=12), st.randoms())
def test_a_quota_is_never_exceeded_leaves_out_nobody_better_and_heeds_no_order(
    points: list[tuple[int, int]], places: int, random: Random
) -> None:
    those = [Reviewed(UUID(int=at), "LS-1", Decimal(s), Decimal(t)) for at, (s, t) in enumerate(points)]
    marks = {candidate.application_id: PASS for candidate in those}
    inside = within_quota(those, {"LS-1": places}, pass_marks=marks)
    assert len(inside) <= places
    assert inside == within_quota(random.sample(those, len(those)), {"LS-1": places}, pass_marks=marks)
    for candidate in those:
        better = [other for other in those if (other.score, other.theory) >= (candidate.score, candidate.theory)]
        assert (candidate.application_id in inside) == (candidate.score >= PASS and len(better) <= places)


def test_equals_across_the_last_place_stay_outside_and_no_quota_is_no_limit() -> None:
    first, second, third = (
        Reviewed(UUID(int=at), "LS-1", Decimal(score), Decimal(130)) for at, score in enumerate((90, 80, 80))
    )
    other = Reviewed(UUID(int=9), "LS-2", Decimal(61), Decimal(120))
    marks = {candidate.application_id: PASS for candidate in (first, second, third, other)}
    inside = within_quota([first, second, third, other], {"LS-1": 2}, pass_marks=marks)
    assert inside == {first.application_id, other.application_id}
    assert within_quota([first, other], {"LS-1": None}, pass_marks=marks) == inside


def test_a_plugin_fails_whom_the_standard_passes_and_never_the_other_way_round() -> None:
    passed, failed = Verdict(True, "合格。"), Verdict(False, "不合格。")
    assert verdict_not_widened(failed, passed) == failed
    assert verdict_not_widened(passed, passed) == passed
    with pytest.raises(AnswerRefused, match="passes whom the standard does not"):
        verdict_not_widened(passed, failed)
    with pytest.raises(AnswerRefused, match="without a reason"):
        verdict_not_widened(Verdict(False, " "), passed)
