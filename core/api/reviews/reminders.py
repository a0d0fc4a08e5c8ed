"""Reminders (催办) of a unit to its people, and of a department to its units, as JSON."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Router
from litestar.params import JSONBody
from pydantic import Field

from core.db.session import UnitSession
from core.platform import Platform
from core.reviews.owed.reminders import Reminding, planned, remind
from core.seasons.queries import season
from core.web.dependencies import OfUnit, ThePlatform
from core.web.guards import UNITS
from core.web.routes import act, declared_in, read
from core.web.schemas import Input, Output, Year, YearAsked

_MOST = 200


class ReminderOut(Output):
    """One recipient and the text. ``application_id`` is the person's; a unit's reminder counts its ``cases``.

    ``today`` says that the recipient has been reminded today, ``unreachable`` that no mobile number is known.
    """

    name: str
    title: str
    body: str
    person_id: UUID | None
    application_id: UUID | None
    unit_id: UUID | None
    cases: int
    today: bool
    unreachable: bool


class ReminderIn(Input):
    """Of which season; of these applications, or without any of everybody who owes something."""

    year: Year
    application_ids: list[UUID] = Field(default_factory=list, max_length=_MOST)


class RemindedOut(Output):
    """How many people and units were reminded, and how many had been reminded that day already."""

    people: int
    units: int
    before: int


@read("/reminders", roles=UNITS)
def list_reminders(session: OfUnit, platform: ThePlatform, year: YearAsked) -> list[ReminderOut]:
    """Who would be reminded, and by which text: everybody who owes something."""
    return [
        ReminderOut.of(reminding, application_id=None if reminding.row is None else reminding.row.id)
        for reminding in _planned(session, platform, year, ())
    ]


@act("/reminders", roles=UNITS)
def send_reminders(session: OfUnit, platform: ThePlatform, data: JSONBody[ReminderIn]) -> RemindedOut:
    """Remind them, each once a day at most."""
    listed = _planned(session, platform, data.year, data.application_ids)
    return RemindedOut.model_validate(remind(session, data.year, listed))


def _planned(session: UnitSession, platform: Platform, year: int, ids: Sequence[UUID]) -> list[Reminding]:
    known = platform.rules[season(session, year).year]
    return planned(session, year, {material.code: material.name for material in known.materials}, ids or None)


router = Router("/", route_handlers=declared_in(__name__), tags=["催办"])
