"""The clock: minutes, days, and the dates that matter next."""

from datetime import timedelta

from tests.histories.acts import NEXT, YEAR, World, act, moment

_DATES = ((3, 21), (4, 6), (4, 16), (6, 1), (7, 6), (9, 1), (10, 8), (12, 1))
_COMING = """
    SELECT m FROM (
        SELECT unnest(ARRAY[starts_at - interval '20 minutes', starts_at + interval '20 minutes',
            ends_at + interval '1 minute']) AS m FROM sittings WHERE cancelled_at IS NULL
        UNION SELECT ends_at FROM publications WHERE state = 'published'
        UNION SELECT unnest(ARRAY[hearing_until, appeal_until]) FROM sanction_cases
            WHERE state IN ('hearing', 'decided', 'appealed')
        UNION SELECT due_at FROM deferrals WHERE state = 'open'
        UNION SELECT unnest(ARRAY[effective_from, effective_until]) FROM delegations
            WHERE state IN ('pending', 'in_force', 'paused')
        UNION SELECT unnest(ARRAY[starts_at, ends_at]) FROM training_courses WHERE cancelled_at IS NULL
    ) x WHERE m > :now ORDER BY m LIMIT 3
"""


class Clock(World):
    """Time passes; after the last season nothing more is planned, and it passes slowly."""

    years = (YEAR, NEXT)

    @act()
    def minutes_pass(self) -> None:
        self.now += timedelta(minutes=self.luck.choice((5, 30, 90)))

    @act()
    def days_pass(self) -> None:
        self.now += timedelta(days=self.luck.choice((1, 2, 7)))

    @act()
    def next_date_comes(self) -> None:
        """A moment that something waits for."""
        coming = [row[0] for row in self.look(_COMING)]
        if not coming:
            self.season_goes_on()
            return
        self.now = self.luck.choice(coming)

    @act()
    def season_goes_on(self) -> None:
        """The next date of the calendar, in the next year after the last of this."""
        dates = [moment(year, month, day) for year in (YEAR, NEXT) for month, day in _DATES]
        self.now = next((date for date in dates if date > self.now), self.now)
