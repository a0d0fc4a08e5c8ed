"""The board of an exam day: each site in each sitting with its opening, its alarm and its arrivals."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from core.db.session import ScopedSession
from core.scheduling.emergencies.queries import open_by_place
from core.scheduling.exam_day import door
from core.scheduling.exam_day.door import SiteProgress
from core.scheduling.exam_day.opening import Opening, Used, openings
from core.scheduling.exam_day.opening_alarms import Ringing, alarms_of


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A site in a sitting: its arrivals, how far its opening is, and the alarm that stands, and the emergencies that
    are not closed.
    """

    progress: SiteProgress
    opening: Opening
    alarm: Ringing | None
    emergencies: int

    def minutes_left(self, now: datetime) -> int:
        """The minutes until the sitting begins; less than one once it has begun."""
        return int((self.progress.starts_at - now).total_seconds() // 60)


def board(
    session: ScopedSession, year: int, *, since: datetime, until: datetime, office_id: str | None = None
) -> list[BoardLine]:
    """Each site of the sittings that begin in this time: of one office, or of all that the session sees."""
    found = door.progress(session, year, since=since, until=until, office_id=office_id)
    used = [
        Used(site.office_id, year, site.sitting_id, site.starts_at, site.ends_at, site.site_id, site.site_name)
        for site in found
    ]
    known = openings(session, used)
    ringing = {
        (alarm.alarm.sitting_id, alarm.alarm.site_id): alarm
        for alarm in alarms_of(session, year, since=since, until=until)
        if alarm.stands
    }
    told = open_by_place(session, [site.sitting_id for site in found])
    open_here = Counter((sitting, site) for sitting, site, _ in told)
    return [
        BoardLine(
            site,
            known[place.place],
            ringing.get(place.place),
            # What is reported of a sitting and no site concerns each of its sites.
            open_here[place.place] + open_here[site.sitting_id, None],
        )
        for site, place in zip(found, used, strict=True)
    ]
