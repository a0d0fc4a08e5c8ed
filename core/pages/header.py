"""The data of every page's header: the season, the office or unit of each role, unread notices, practice."""

from core.applications.queries import is_practice_applicant
from core.db.session import Actor, OfficeSession, PersonSession, ProvinceSession, ScopedSession, UnitSession
from core.messages.inbox import unread_count
from core.organizations.models import Unit
from core.seasons.phases import Phase
from core.seasons.queries import current_of, lives
from core.tenancy.models import Office
from core.web.ports import HeaderFacts

_TOLD = (PersonSession, UnitSession, OfficeSession, ProvinceSession)
"""The sessions of the recipients of notices."""


def header(session: ScopedSession, actor: Actor | None, roles: tuple[Actor, ...]) -> HeaderFacts:
    """The data of a page's header for its reader."""
    found = lives(session)
    season = current_of(found)
    year = None if season is None else season.year
    phases = {life.season.year: life.standing.phase for life in found}
    years = tuple(phases)
    ended = frozenset(year for year, phase in phases.items() if phase is Phase.CLOSED)
    labels = {year: phase.label for year, phase in phases.items()}
    if actor is None:
        return HeaderFacts(year, years, ended, labels)
    places = {role: _place(session, role) for role in {actor, *roles}}
    return HeaderFacts(
        season=year,
        seasons=years,
        ended=ended,
        phases=labels,
        places={role: "" if place is None else place.name for role, place in places.items()},
        practice=_practises(session, places[actor]),
        unread=unread_count(session) if isinstance(session, _TOLD) else 0,
    )


def _practises(session: ScopedSession, place: Office | Unit | None) -> bool:
    """Whether the actor works for an office of made-up people, or for a unit below one."""
    if place is None:
        return isinstance(session, PersonSession) and is_practice_applicant(session)
    office = session.get_one(Office, place.office_id) if isinstance(place, Unit) else place
    return office.practice


def _place(session: ScopedSession, actor: Actor) -> Office | Unit | None:
    """The office or unit of a role; None for an applicant."""
    if actor.office_id is not None:
        return session.get_one(Office, actor.office_id)
    if actor.unit_id is not None:
        return session.get_one(Unit, actor.unit_id)
    return None
