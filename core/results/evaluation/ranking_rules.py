"""Pure: the ranking of the numbers of a panel, trade by trade, against the quotas (名额)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.domain.pass_rules import Reviewed, within_quota


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number with its score and dispersion, and the sum of the theory marks of whoever stands behind it."""

    candidate_id: UUID
    number: int
    trade: str
    score: Decimal
    spread: Decimal
    theory: Decimal


@dataclass(frozen=True, slots=True)
class RankLine:
    """A line of the ranking. ``places`` is the quota of the trade, None without one; ``tied`` lost a shared last place.

    Equals share a rank. It names nobody: the number tells who it is.
    """

    number: int
    trade: str
    rank: int
    score: str
    spread: str
    theory: str
    reaches: bool
    within: bool
    tied: bool
    places: int | None

    def row(self) -> dict[str, Any]:
        """As the table keeps it."""
        return asdict(self)


def line_of(row: Mapping[str, Any]) -> RankLine:
    """A line as it was kept."""
    return RankLine(**row)


def ranked(
    candidates: Sequence[Numbered], places: Mapping[str, int | None], *, pass_mark: Decimal
) -> tuple[RankLine, ...]:
    """The ranking by trade: the better score first, then the better theory (``within_quota``)."""
    reviewed = [Reviewed(one.candidate_id, one.trade, one.score, one.theory) for one in candidates]
    inside = within_quota(reviewed, places, pass_marks={one.candidate_id: pass_mark for one in candidates})
    lines = []
    for one in candidates:
        rivals = [other for other in candidates if other.trade == one.trade]
        ahead = sum((other.score, other.theory) > (one.score, one.theory) for other in rivals)
        limit, within = places.get(one.trade), one.candidate_id in inside
        lines.append(
            RankLine(
                number=one.number,
                trade=one.trade,
                rank=ahead + 1,
                score=str(one.score),
                spread=str(one.spread),
                theory=str(one.theory),
                reaches=one.score >= pass_mark,
                within=within,
                tied=not within and one.score >= pass_mark and limit is not None and ahead < limit,
                places=limit,
            )
        )
    return tuple(sorted(lines, key=lambda line: (line.trade, line.rank, line.number)))
