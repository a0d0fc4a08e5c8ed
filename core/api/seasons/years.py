"""The life of a year over JSON: its acts, what is unfinished of it in which office, and the acts of the province."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody

from core.oversight.years import acts
from core.oversight.years.unfinished import Unfinished, unfinished
from core.seasons.phases import Phase
from core.seasons.queries import season, standing
from core.web.dependencies import OfOffice, OfProvince
from core.web.guards import CENTER, OFFICERS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Moment, Output, Reason, Text, Year


class PhaseOut(Output):
    """Where a year stands, and since when."""

    year: int
    phase: Phase
    label: str
    since: datetime | None


class LeftOut(Output):
    """What an office has left of a kind."""

    office_id: str
    kind: Unfinished
    label: str
    count: int


class ActIn(Input):
    """The phase that a year enters, for a reason; without ``effective`` from now on."""

    year: Year
    phase: Phase
    effective: Moment | None = None
    reason: Text


class ActOut(Output):
    """An act upon a year: who made it, who confirmed it, and whether it was taken back."""

    id: UUID
    year: int
    phase: Phase
    effective: datetime
    reason: str
    made_at: datetime
    made_by_name: str
    confirmed_at: datetime | None
    confirmed_by_name: str
    cancelled_at: datetime | None
    cancel_reason: str


@read("/{year:int}/phase", roles=OFFICERS)
def show_phase(session: OfOffice, year: FromPath[int]) -> PhaseOut:
    """Where a year stands."""
    found = standing(session, year)
    return PhaseOut(year=year, phase=found.phase, label=found.phase.label, since=found.since)


@read("/{year:int}/unfinished", roles=OFFICERS)
def list_own(session: OfOffice, year: FromPath[int]) -> list[LeftOut]:
    """What the office itself has left of a year."""
    season(session, year)
    own = [left for left in unfinished(session, year) if left.office_id == session.office_id]
    return [LeftOut.of(left, label=left.kind.label) for left in own]


@read("/{year:int}/unfinished/everywhere", roles=CENTER, province=True)
def list_everywhere(session: OfProvince, year: FromPath[int]) -> list[LeftOut]:
    """What every office has left of a year."""
    season(session, year)
    return [LeftOut.of(left, label=left.kind.label) for left in unfinished(session, year)]


@read("/{year:int}/acts", roles=CENTER, province=True)
def list_acts(session: OfProvince, year: FromPath[int]) -> list[ActOut]:
    """Every act upon a year, the latest first."""
    season(session, year)
    return [ActOut.model_validate(made) for made in acts.acts_of(session, year)]


@create("/acts", roles=CENTER, province=True)
def enter_phase(session: OfProvince, data: JSONBody[ActIn]) -> ActOut:
    """Let a year enter its next phase; closing waits for a second officer."""
    made = acts.enter_phase(session, data.year, data.phase, effective=data.effective, reason=data.reason)
    return ActOut.model_validate(made)


@act("/acts/{season_act_id:uuid}/confirm", roles=CENTER, province=True)
def confirm_close(session: OfProvince, season_act_id: FromPath[UUID]) -> ActOut:
    """Confirm, as the second officer, that a year is closed."""
    return ActOut.model_validate(acts.confirm_close(session, season_act_id))


@act("/acts/{season_act_id:uuid}/cancel", roles=CENTER, province=True)
def cancel_act(session: OfProvince, season_act_id: FromPath[UUID], data: JSONBody[Reason]) -> ActOut:
    """Take back an act that has not begun."""
    return ActOut.model_validate(acts.cancel_act(session, season_act_id, reason=data.reason))


router = Router("/seasons", route_handlers=declared_in(__name__), tags=["年度与日程"])
