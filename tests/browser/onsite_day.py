"""Times for on-site confirmation at the other city: one that a unit has taken, and one with room."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.organizations import service
from core.reviews.onsite_day import calling, slots
from core.reviews.onsite_day.slots import BookingState, Time
from tests.browser.unit_changes import LONG
from tests.callers import Web
from tests.cases import OTHER_CITY, YEAR


def offer_times(web: Web, unit_id: UUID) -> Mapping[str, str]:
    """The values of ``{…}`` for the pages of on-site confirmation."""
    actor, platform = Actor(new_id(), "测试经办员", Role.CITY_REVIEWER, office_id=OTHER_CITY), web.platform
    with OfficeSession(platform.engine, actor=actor, now=platform.clock()) as session, session.begin():
        begins, place = session.now + timedelta(days=5), "测试政务服务中心三楼北厅人社综合窗口"
        first, _ = (
            slots.offer(session, YEAR, Time(begins + after, begins + after + timedelta(hours=3), place, 12))
            for after in (timedelta(), timedelta(days=1))
        )
        other = service.register_unit(
            session, name=LONG, affiliation="local", office_id=OTHER_CITY, local_office_id=OTHER_CITY
        )
        booked = [slots.give(session, first.id, unit).id for unit in (unit_id, other.id)]
        for state in (BookingState.ARRIVED, BookingState.CALLED):
            calling.note(session, booked[1], state)
    return {"slot": str(first.id)}
