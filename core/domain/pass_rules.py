"""Pure: the pass rules: each subject at or above the pass mark, and in grade one the review, within the trade's quota.

The pass mark, the validity of a subject once passed and the quotas are parameters: none is known for Henan.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from core.plugin_api import Grade, MarkStatus, MarksView, SubjectMark, Verdict

STATUS_LABELS: Mapping[MarkStatus, str] = {
    MarkStatus.SCORED: "有成绩",
    MarkStatus.ABSENT: "缺考",
    MarkStatus.VOID: "成绩作废",
    MarkStatus.VIOLATION: "违纪，成绩无效",
}
_REPLACED_BY_AN_EARLIER_PASS = frozenset({MarkStatus.SCORED, MarkStatus.ABSENT})


@dataclass(frozen=True, slots=True)
class EarlierMark:
    """A result of the same person in the same grade and trade, in an earlier year."""

    year: int
    mark: SubjectMark


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A candidate of a panel: the score of the review, and the sum of the theory marks, which decides equal scores."""

    application_id: UUID
    trade: str
    score: Decimal
    theory: Decimal


def standard(marks: MarksView) -> Verdict:
    """The verdict of the province's rule on the marks; a plugin may ask for more, never for less.

    Source: subjects of 100 points each (2022); grade one passes theory and the comprehensive review, notice §3(6).
    """
    lacking = [text for subject in marks.subjects if (text := _lacking(marks, subject))]
    if not marks.subjects:
        lacking.append("本年度没有设置考试科目")
    if not lacking and marks.grade == Grade.ONE:
        lacking.extend(_review_lacking(marks))
    if lacking:
        return Verdict(False, "；".join(lacking) + "。")
    return Verdict(True, "各项成绩均达到合格标准。")


def passes_subject(mark: SubjectMark, pass_mark: Decimal) -> bool:
    """Whether a subject is passed: scored, and at or above the pass mark."""
    return mark.status is MarkStatus.SCORED and mark.mark is not None and mark.mark >= pass_mark


def with_earlier_passes(
    subjects: Sequence[str],
    marks: Iterable[SubjectMark],
    earlier: Iterable[EarlierMark],
    *,
    year: int,
    valid_years: int,
    pass_mark: Decimal,
) -> tuple[SubjectMark, ...]:
    """The marks of a year, in the order of the subjects, with an earlier pass in place of an absent one.

    A pass counts for ``valid_years`` years after its own; of several the latest counts. A mark that is void this year,
    for a violation or otherwise, stays void.
    """
    known = {mark.subject: mark for mark in marks}
    passed: dict[str, EarlierMark] = {}
    for result in sorted(earlier, key=lambda result: (result.year, result.mark.mark or 0)):
        if year - valid_years <= result.year < year and passes_subject(result.mark, pass_mark):
            passed[result.mark.subject] = result
    for subject in subjects:
        now = known.get(subject)
        replaceable = now is None or now.status in _REPLACED_BY_AN_EARLIER_PASS
        if subject in passed and replaceable and (now is None or not passes_subject(now, pass_mark)):
            before = passed[subject]
            known[subject] = SubjectMark(subject, before.mark.mark, carried_from=before.year)
    return tuple(known[subject] for subject in subjects if subject in known)


def within_quota(
    reviewed: Iterable[Reviewed], places: Mapping[str, int | None], *, pass_marks: Mapping[UUID, Decimal]
) -> frozenset[UUID]:
    """The candidates at or above the review's pass mark who are within the quota of their trade.

    The better score goes first, then the better theory. Candidates who are equal across the last place all stay
    outside, so that chance never decides: the office sees it and may raise the quota. A trade without a number in
    ``places`` has no limit.
    """
    by_trade: defaultdict[str, list[Reviewed]] = defaultdict(list)
    for candidate in reviewed:
        if candidate.score >= pass_marks[candidate.application_id]:
            by_trade[candidate.trade].append(candidate)
    inside: set[UUID] = set()
    for trade, candidates in by_trade.items():
        limit = places.get(trade)
        for candidate in candidates:
            not_behind = sum((other.score, other.theory) >= (candidate.score, candidate.theory) for other in candidates)
            if limit is None or not_behind <= limit:
                inside.add(candidate.application_id)
    return frozenset(inside)


def _lacking(marks: MarksView, subject: str) -> str:
    """The reason why a subject is not passed, for the candidate; empty for a passed one."""
    found = marks.of(subject)
    if found is None:
        return f"{subject}没有成绩"
    if found.status is not MarkStatus.SCORED or found.mark is None:
        return f"{subject}{STATUS_LABELS[found.status]}"
    if not passes_subject(found, marks.pass_mark):
        return f"{subject}{found.mark}分，未达到{marks.pass_mark}分"
    return ""


def _review_lacking(marks: MarksView) -> list[str]:
    review = marks.review
    if review is None:
        return ["尚未通过综合评审"]
    if review.score < review.pass_mark:
        return [f"综合评审{review.score}分，未达到{review.pass_mark}分"]
    return [] if review.within_quota else ["综合评审排名在本工种名额之外"]
