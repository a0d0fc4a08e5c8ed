"""Pure: how a panel's sheets become a score: drawn numbers, weights, mean and dispersion."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the sheet: scored from 0 to ``maximum``, and ``weight`` percent of the whole."""

    code: str
    name: str
    weight: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Combined:
    """The result of the sheets on a candidate: the mean of the totals, and their dispersion."""

    score: Decimal
    spread: Decimal
    lowest: Decimal
    highest: Decimal


def drawn(applications: Collection[UUID], seed: str) -> list[UUID]:
    """The candidates in the order of their numbers, as PostgreSQL draws them (``draw_numbers``).

    Whoever knows the seed repeats the draw; the digest of the seed was published before it (``commits``).
    """
    return sorted(applications, key=lambda application: hashlib.sha256(f"{seed}:{application}".encode()).digest())


def commits(seed: str, commitment: str) -> bool:
    """Whether a seed is the one whose digest was published before the draw."""
    return hashlib.sha256(seed.encode()).hexdigest() == commitment


def faults(scores: Mapping[str, Decimal], criteria: Sequence[Criterion]) -> dict[str, str]:
    """The faults of a filled sheet, by criterion: each is scored, within its maximum, to a tenth of a point."""
    found = {
        criterion.code: f"请填写{criterion.name}的得分。" for criterion in criteria if criterion.code not in scores
    }
    known = {criterion.code: criterion for criterion in criteria}
    for code, score in scores.items():
        if code not in known:
            found[code] = "评分表没有这一项。"
        elif not score.is_finite() or not 0 <= score <= known[code].maximum or score != score.quantize(_TENTH):
            found[code] = f"{known[code].name}须在0至{known[code].maximum}分之间，最多一位小数。"
    return found


def total(scores: Mapping[str, Decimal], criteria: Sequence[Criterion]) -> Decimal:
    """A sheet's total of 100 points by the weights, to a tenth of a point."""
    parts = (scores[criterion.code] * criterion.weight / criterion.maximum for criterion in criteria)
    return sum(parts, Decimal(0)).quantize(_TENTH, ROUND_HALF_UP)


def combined(totals: Iterable[Decimal]) -> Combined:
    """Mean and standard deviation of the members' totals, to a tenth; ValueError where nobody scored."""
    points = sorted(totals)
    if not points:
        raise ValueError("no sheet was handed in")
    mean = sum(points, Decimal(0)) / len(points)
    spread = (sum(((total - mean) ** 2 for total in points), Decimal(0)) / len(points)).sqrt()
    score = mean.quantize(_TENTH, ROUND_HALF_UP)
    return Combined(score, spread.quantize(_TENTH, ROUND_HALF_UP), points[0], points[-1])
