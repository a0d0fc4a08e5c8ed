"""Pure: pass rates and failed subjects of candidates, counted from their outcomes.

What a candidate lacks is read from the basis of the outcome, which holds the marks that counted: a subject passed in an
earlier year is no failure of this one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from core.plugin_api import MarkStatus
from core.text.labels import Labelled

REVIEW: Final = "综合评审"
"""The name under which the comprehensive review of grade one stands beside the subjects."""


class Lack(Labelled):
    """How a candidate missed a pass in a subject."""

    BELOW = "below", "未达到合格分数"
    ABSENT = "absent", "缺考"
    VOID = "void", "成绩作废"
    VIOLATION = "violation", "违纪"


class By(Labelled):
    """What results are counted by."""

    GRADE = "grade", "等级"
    TRADE = "trade", "工种"
    UNIT = "unit", "单位"


_OF_STATUS: Final[Mapping[str, Lack]] = {
    MarkStatus.ABSENT.value: Lack.ABSENT,
    MarkStatus.VOID.value: Lack.VOID,
    MarkStatus.VIOLATION.value: Lack.VIOLATION,
}


@dataclass(frozen=True, slots=True)
class Examined:
    """A candidate with an outcome, as the office lists them; ``marks`` are by subject, as points or words."""

    reference: str
    name: str
    tail: str
    unit: str
    grade: int
    trade: str
    passed: bool
    published: bool
    reason: str
    basis: Mapping[str, Any] = field(repr=False)

    @property
    def lacks(self) -> dict[str, Lack]:
        """What was missing for a pass, by subject; empty for those who passed."""
        return {} if self.passed else lacks(self.basis)


@dataclass(frozen=True, slots=True)
class Figure:
    """The candidates of a grade, a trade or a unit in numbers, those of the year before beside them."""

    key: str
    examined: int
    passed: int
    absent: int
    violation: int
    before: int
    passed_before: int

    @property
    def failed(self) -> int:
        """Those who did not pass."""
        return self.examined - self.passed

    @property
    def rate(self) -> str:
        """The pass rate in percent."""
        return rate(self.passed, self.examined)

    @property
    def rate_before(self) -> str:
        """The pass rate of the year before."""
        return rate(self.passed_before, self.before)


@dataclass(frozen=True, slots=True)
class OfSubject:
    """How many candidates missed a subject, by how they missed it."""

    subject: str
    below: int
    absent: int
    void: int
    violation: int


def rate(passed: int, examined: int) -> str:
    """A pass rate in percent with one decimal; a dash where nobody was examined."""
    return f"{Decimal(100 * passed) / Decimal(examined):.1f}%" if examined else "—"


def lacks(basis: Mapping[str, Any]) -> dict[str, Lack]:
    """What a basis lacks for a pass, by subject in its order."""
    needed = Decimal(basis.get("pass_mark", "0"))
    found: dict[str, Lack] = {}
    for mark in basis.get("marks", ()):
        lack = _OF_STATUS.get(mark["status"])
        if lack is None and Decimal(mark["mark"]) < needed:
            lack = Lack.BELOW
        if lack is not None:
            found[mark["subject"]] = lack
    review = basis.get("review")
    if review and (Decimal(review["score"]) < Decimal(review["pass_mark"]) or not review["within_quota"]):
        found[REVIEW] = Lack.BELOW
    return found


def figures(now: Iterable[Examined], before: Iterable[Examined], key: Callable[[Examined], str]) -> list[Figure]:
    """The figures of this year by a key, with those of the year before; a key of one year alone is listed as well."""
    these, those = _by(now, key), _by(before, key)
    return [_figure(name, these.get(name, []), those.get(name, [])) for name in sorted({*these, *those})]


def whole(now: Iterable[Examined], before: Iterable[Examined]) -> Figure:
    """The figures of all together."""
    return _figure("合计", list(now), list(before))


def by_subject(examined: Iterable[Examined]) -> list[OfSubject]:
    """Who missed what: for each subject, how many in each way."""
    counted: defaultdict[str, defaultdict[Lack, int]] = defaultdict(lambda: defaultdict(int))
    for candidate in examined:
        for subject, lack in candidate.lacks.items():
            counted[subject][lack] += 1
    return [
        OfSubject(subject, counts[Lack.BELOW], counts[Lack.ABSENT], counts[Lack.VOID], counts[Lack.VIOLATION])
        for subject, counts in sorted(counted.items())
    ]


def marks_in_words(candidate: Examined) -> dict[str, str]:
    """The marks that counted, by subject: points, or why there are none; an earlier year's with its year."""
    told = {}
    for mark in candidate.basis.get("marks", ()):
        lack = _OF_STATUS.get(mark["status"])
        points = lack.label if lack is not None else str(mark["mark"])
        told[mark["subject"]] = f"{points}（{mark['from']}年）" if mark.get("from") else points
    return told


def _by(examined: Iterable[Examined], key: Callable[[Examined], str]) -> dict[str, list[Examined]]:
    found: defaultdict[str, list[Examined]] = defaultdict(list)
    for candidate in examined:
        found[key(candidate)].append(candidate)
    return found


def _figure(name: str, now: Sequence[Examined], before: Sequence[Examined]) -> Figure:
    lacking = [set(candidate.lacks.values()) for candidate in now]
    return Figure(
        name,
        len(now),
        sum(candidate.passed for candidate in now),
        sum(Lack.ABSENT in lack for lack in lacking),
        sum(bool(lack & {Lack.VIOLATION, Lack.VOID}) for lack in lacking),
        len(before),
        sum(candidate.passed for candidate in before),
    )
