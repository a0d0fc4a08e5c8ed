"""The end of a year: the center brings the first season to its end, closes it by two officers, or takes an act back."""

from typing import Any

from core.oversight.years.acts import cancel_act, confirm_close, enter_phase
from core.seasons.phases import Phase
from tests.histories.acts import NEXT, YEAR, World, act

_OPEN = "t.cancelled_at IS NULL AND (t.effective > :now OR t.phase = 'closed' AND t.confirmed_at IS NULL)"


class Years(World):
    """Acts upon the first season, from the year of the second on."""

    @act("seasons", f"t.year = {YEAR} AND :now >= timestamptz '{NEXT}-01-01'")
    def year_enters_a_phase(self, season: Any) -> None:
        phase = self.luck.choice((Phase.CLOSING, Phase.CLOSED, Phase.OPEN))
        with self.province("甲") as session:
            enter_phase(session, season.year, phase, effective=None, reason="测试依据")

    @act("season_acts", f"{_OPEN} AND t.phase = 'closed'")
    def year_is_closed(self, made: Any) -> None:
        with self.province("乙") as session:
            confirm_close(session, made.id)

    @act("season_acts", _OPEN)
    def act_upon_a_year_is_taken_back(self, made: Any) -> None:
        with self.province() as session:
            cancel_act(session, made.id, reason="测试撤回")
