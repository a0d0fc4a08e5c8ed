"""What an act would cause, before it is carried out: each act that reaches what people hold has a ``/preview``."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody

from core.api.scheduling.sites import SiteIn, site_form
from core.api.scheduling.sittings import RoomsGone, Times
from core.audit.dependents import rehearse
from core.domain.consequences import Effect, Issued
from core.scheduling.plans import service as plans
from core.scheduling.sites import service as sites
from core.scheduling.sittings import service as sittings
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import SCHEDULERS
from core.web.routes import act, declared_in
from core.web.schemas import Output, Reason


class ReachedOut(Output):
    """How many things of a kind an act reaches, and how."""

    issued: Issued
    effect: Effect
    count: int


class ForeseenOut(Output):
    """What an act would cause, in a sentence and by kind of thing; nothing is changed."""

    sentence: str
    reached: list[ReachedOut]


@act("/sites/{site_id:uuid}/change/preview", roles=SCHEDULERS)
def preview_site(session: OfOffice, site_id: FromPath[UUID], data: JSONBody[SiteIn]) -> ForeseenOut:
    """What a correction of a site would cause."""
    return _foreseen(session, partial(sites.change_site, session, site_id, site_form(data)))


@act("/sites/{site_id:uuid}/close/preview", roles=SCHEDULERS)
def preview_closing(session: OfOffice, site_id: FromPath[UUID], data: JSONBody[Reason]) -> ForeseenOut:
    """What the closing of a site would cause."""
    return _foreseen(session, partial(sites.close_site, session, site_id, reason=data.reason))


@act("/rooms/{room_id:uuid}/retire/preview", roles=SCHEDULERS)
def preview_retirement(session: OfOffice, room_id: FromPath[UUID]) -> ForeseenOut:
    """What the retirement of a room would cause."""
    return _foreseen(session, partial(sites.retire_room, session, room_id))


@act("/sittings/{sitting_id:uuid}/move/preview", roles=SCHEDULERS)
def preview_move(session: OfOffice, sitting_id: FromPath[UUID], data: JSONBody[Times]) -> ForeseenOut:
    """What another time of a sitting would cause."""
    times = {"starts_at": data.starts_at, "ends_at": data.ends_at}
    return _foreseen(session, partial(sittings.move_sitting, session, sitting_id, **times))


@act("/sittings/{sitting_id:uuid}/cancel/preview", roles=SCHEDULERS)
def preview_cancellation(session: OfOffice, sitting_id: FromPath[UUID], data: JSONBody[Reason]) -> ForeseenOut:
    """What the cancellation of a sitting would cause."""
    return _foreseen(session, partial(sittings.cancel_sitting, session, sitting_id, reason=data.reason))


@act("/sittings/{sitting_id:uuid}/rooms/withdraw/preview", roles=SCHEDULERS)
def preview_withdrawal(session: OfOffice, sitting_id: FromPath[UUID], data: JSONBody[RoomsGone]) -> ForeseenOut:
    """What the withdrawal of rooms would cause."""
    return _foreseen(session, partial(sittings.withdraw_rooms, session, sitting_id, **data.model_dump()))


@act("/plans/{plan_id:uuid}/publish/preview", roles=SCHEDULERS)
def preview_publication(session: OfOffice, platform: ThePlatform, plan_id: FromPath[UUID]) -> ForeseenOut:
    """What the publication of a draft would cause."""
    return _foreseen(session, partial(plans.publish, session, plan_id, offices=platform.offices))


def _foreseen(session: OfOffice, act_: Callable[[], object]) -> ForeseenOut:
    found = rehearse(session, act_)
    reached = [
        ReachedOut(issued=issued, effect=effect, count=count)
        for (issued, effect), count in sorted(found.counts.items())
    ]
    return ForeseenOut(sentence=found.sentence, reached=reached)


router = Router("/", route_handlers=declared_in(__name__), tags=["考点与场次"])
