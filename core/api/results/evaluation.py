"""The comprehensive review of grade one as JSON: quotas, panels with their members, and each member's own sheets."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.db.session import OfficeSession
from core.results.evaluation import panels, queries, ranking, replacement, scoring, works
from core.results.models.evaluation import EvaluationPanel
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import EXAM_WATCHERS, EXAMINERS, SUPERVISORS
from core.web.routes import act, create, declared_in, read, replace
from core.web.schemas import Input, Line, Output, Reason, Text, Year, YearAsked

Code = Annotated[str, Field(max_length=50)]


class QuotaIn(Input):
    """The quota of a trade, and its official paper."""

    year: Year
    trade: Code
    places: Annotated[int, Field(ge=0, le=10_000)]
    source: Line


class QuotaOut(Output):
    """The quota of a trade that holds."""

    year: int
    trade: str
    places: int
    source: str


class PanelIn(Input):
    """A panel for some trades."""

    year: Year
    name: Line
    trades: Annotated[list[Code], Field(min_length=1, max_length=200)]


class MemberIn(Input):
    """A new member of a panel, with their unit, whose people they avoid."""

    account_id: UUID
    unit_id: UUID | None = None
    chairs: bool = False


class MemberOut(Output):
    """A member of a panel."""

    account_id: UUID
    name: str
    unit_id: UUID | None
    chairs: bool
    drawn: bool
    substitute: bool
    left_at: datetime | None
    left_reason: str


class PanelOut(Output):
    """A panel and its state. ``commitment`` is the digest of the seed, which is told once it no longer scores."""

    id: UUID
    year: int
    name: str
    trades: list[str]
    criteria: list[Any]
    pass_mark: Decimal
    anonymous: bool
    commitment: str
    seed: str | None
    state: str
    opened_at: datetime | None
    minutes: str
    closed_at: datetime | None
    dissolved_at: datetime | None
    dissolved_reason: str


class CombinedOut(Output):
    """The result of the sheets on a candidate, and their dispersion."""

    score: Decimal
    spread: Decimal
    lowest: Decimal
    highest: Decimal


class CandidateOut(Output):
    """A candidate before a panel; ``result`` is there once every sheet is in.

    ``reference`` is empty for members of an anonymous panel that scores.
    """

    number: int
    reference: str
    trade: str
    submitted: int
    excused: int
    void: int
    outstanding: int
    result: CombinedOut | None


class WorksIn(Input):
    """What a number has done, naming nobody."""

    number: Annotated[int, Field(ge=1, le=100_000)]
    works: Text


class LeaveIn(Input):
    """Why a member leaves, and whether what they handed in counts no more."""

    reason: Line
    voids: bool = False


class RankingOut(Output):
    """The ranking of a panel against the quotas, line by line without names."""

    id: UUID
    version: int
    state: str
    rows: list[Any]
    digest: str
    proposed_at: datetime
    decided_at: datetime | None
    remark: str


class MinutesIn(Input):
    """The minutes with which a panel ends."""

    minutes: Text


class CriterionOut(Output):
    """One line of the sheet."""

    code: str
    name: str
    weight: int
    maximum: int


class SheetOut(Output):
    """A sheet of one's own, with what is judged. Name and unit are empty on a panel that scores anonymously."""

    id: UUID
    panel: str
    number: int
    trade: str
    name: str
    unit: str
    material: dict[str, Any]
    works: str
    state: str
    criteria: list[CriterionOut]
    scores: dict[str, Decimal]
    total: Decimal | None
    remark: str


class ScoresIn(Input):
    """The points of every criterion."""

    scores: Annotated[dict[str, Annotated[Decimal, Field(ge=0, le=1000)]], Field(max_length=50)]


@replace("/trade-quotas", roles=SUPERVISORS)
def set_quota(session: OfOffice, data: JSONBody[QuotaIn]) -> QuotaOut:
    """Set the quota of a trade, in place of the one before."""
    panels.set_quota(session, year=data.year, trade=data.trade, places=data.places, source=data.source)
    return QuotaOut.model_validate(data, from_attributes=True)


@read("/trade-quotas", roles=EXAM_WATCHERS)
def list_quotas(session: OfOffice, year: YearAsked) -> list[QuotaOut]:
    """The quotas of a year."""
    return [QuotaOut.model_validate(quota) for quota in queries.quotas(session, year)]


@read("/panels", roles=EXAM_WATCHERS)
def list_panels(session: OfOffice, year: YearAsked) -> list[PanelOut]:
    """The office's panels of a year."""
    return [_out(session, panel) for panel in queries.panels(session, year)]


@create("/panels", roles=EXAMINERS)
def form_panel(session: OfOffice, platform: ThePlatform, data: JSONBody[PanelIn]) -> PanelOut:
    """Form a panel."""
    made = panels.form_panel(session, year=data.year, name=data.name, trades=data.trades, offices=platform.offices)
    return _out(session, made)


@read("/panels/{panel_id:uuid}/members", roles=EXAM_WATCHERS)
def list_members(session: OfOffice, panel_id: FromPath[UUID]) -> list[MemberOut]:
    """The members of a panel."""
    panel = queries.panel(session, panel_id)
    return [MemberOut.model_validate(member) for member in queries.members(session, panel.id)]


@create("/panels/{panel_id:uuid}/members", roles=EXAMINERS)
def add_member(
    session: OfOffice, platform: ThePlatform, panel_id: FromPath[UUID], data: JSONBody[MemberIn]
) -> MemberOut:
    """Add an examiner of the office to a panel that has not begun."""
    made = panels.add_member(
        session, panel_id, data.account_id, offices=platform.offices, unit_id=data.unit_id, chairs=data.chairs
    )
    return MemberOut.model_validate(made)


@act("/panels/{panel_id:uuid}/members/{account_id:uuid}/remove", roles=EXAMINERS)
def remove_member(session: OfOffice, panel_id: FromPath[UUID], account_id: FromPath[UUID]) -> list[MemberOut]:
    """Remove a member from a panel that has not begun; the answer are the others."""
    panels.remove_member(session, panel_id, account_id)
    return [MemberOut.model_validate(member) for member in queries.members(session, panel_id)]


@act("/panels/{panel_id:uuid}/members/draw", roles=EXAMINERS)
def draw_member(session: OfOffice, platform: ThePlatform, panel_id: FromPath[UUID]) -> MemberOut:
    """Draw a member by lot: for a panel that is formed, or in place of one who stepped back or left."""
    return MemberOut.model_validate(replacement.draw_member(session, panel_id, offices=platform.offices))


@act("/panels/{panel_id:uuid}/members/{account_id:uuid}/leave", roles=EXAMINERS)
def leave_panel(
    session: OfOffice, panel_id: FromPath[UUID], account_id: FromPath[UUID], data: JSONBody[LeaveIn]
) -> list[MemberOut]:
    """Let a member leave a panel that scores; the answer are all members."""
    replacement.leave(session, panel_id, account_id, reason=data.reason, voids=data.voids)
    return [MemberOut.model_validate(member) for member in queries.members(session, panel_id)]


@act("/panels/{panel_id:uuid}/members/{account_id:uuid}/chair", roles=EXAMINERS)
def name_chair(session: OfOffice, panel_id: FromPath[UUID], account_id: FromPath[UUID]) -> list[MemberOut]:
    """Let this member chair the panel; the answer are all members."""
    panels.name_chair(session, panel_id, account_id)
    return [MemberOut.model_validate(member) for member in queries.members(session, panel_id)]


@act("/panels/{panel_id:uuid}/dissolve", roles=SUPERVISORS)
def dissolve_panel(session: OfOffice, panel_id: FromPath[UUID], data: JSONBody[Reason]) -> PanelOut:
    """Dissolve a panel with a reason; its trades may be given to a new one."""
    replacement.dissolve(session, panel_id, reason=data.reason)
    return _out(session, queries.panel(session, panel_id))


@act("/panels/{panel_id:uuid}/open", roles=EXAMINERS)
def open_panel(session: OfOffice, platform: ThePlatform, panel_id: FromPath[UUID]) -> PanelOut:
    """Put the candidates who passed theory before the panel, and hand out the sheets."""
    return _out(session, panels.open_panel(session, panel_id, offices=platform.offices))


@act("/panels/{panel_id:uuid}/close", roles=EXAMINERS)
def close_panel(
    session: OfOffice, platform: ThePlatform, panel_id: FromPath[UUID], data: JSONBody[MinutesIn]
) -> PanelOut:
    """Make the scores final."""
    return _out(session, panels.close_panel(session, panel_id, minutes=data.minutes, offices=platform.offices))


@read("/panels/{panel_id:uuid}/candidates", roles=EXAM_WATCHERS)
def list_candidates(session: OfOffice, panel_id: FromPath[UUID]) -> list[CandidateOut]:
    """The candidates of a panel with their progress, without names."""
    panel = queries.panel(session, panel_id)
    return [CandidateOut.model_validate(candidate) for candidate in scoring.panel_candidates(session, panel)]


@read("/panels/{panel_id:uuid}/rankings", roles=EXAM_WATCHERS)
def list_rankings(session: OfOffice, panel_id: FromPath[UUID]) -> list[RankingOut]:
    """The rankings of a panel that were proposed, the latest first."""
    panel = queries.panel(session, panel_id)
    return [RankingOut.model_validate(each) for each in ranking.rankings(session, panel.id)]


@create("/panels/{panel_id:uuid}/rankings", roles=EXAMINERS)
def propose_ranking(session: OfOffice, platform: ThePlatform, panel_id: FromPath[UUID]) -> RankingOut:
    """Put the ranking of a closed panel before a supervisor."""
    return RankingOut.model_validate(ranking.propose(session, panel_id, offices=platform.offices))


@act("/panel-rankings/{ranking_id:uuid}/confirm", roles=SUPERVISORS)
def confirm_ranking(session: OfOffice, platform: ThePlatform, ranking_id: FromPath[UUID]) -> RankingOut:
    """Confirm a ranking that somebody else proposed."""
    return RankingOut.model_validate(ranking.confirm(session, ranking_id, offices=platform.offices))


@act("/panel-rankings/{ranking_id:uuid}/return", roles=SUPERVISORS)
def return_ranking(session: OfOffice, ranking_id: FromPath[UUID], data: JSONBody[Reason]) -> RankingOut:
    """Return a ranking with a reason."""
    return RankingOut.model_validate(ranking.return_ranking(session, ranking_id, reason=data.reason))


@act("/panel-rankings/{ranking_id:uuid}/withdraw", roles=SUPERVISORS)
def withdraw_ranking(session: OfOffice, ranking_id: FromPath[UUID], data: JSONBody[Reason]) -> RankingOut:
    """Take a confirmed ranking back until results are published."""
    return RankingOut.model_validate(ranking.withdraw(session, ranking_id, reason=data.reason))


@replace("/panels/{panel_id:uuid}/works", roles=EXAM_WATCHERS)
def describe_works(session: OfOffice, panel_id: FromPath[UUID], data: JSONBody[WorksIn]) -> None:
    """Tell the members what a number has done; by somebody who is no member."""
    works.describe(session, panel_id, data.number, data.works)


@read("/sheets", roles=EXAMINERS)
def list_sheets(session: OfOffice, year: YearAsked) -> list[SheetOut]:
    """One's own sheets of a year."""
    return [SheetOut.model_validate(sheet) for sheet in scoring.own_sheets(session, year)]


@act("/sheets/{sheet_id:uuid}/submit", roles=EXAMINERS)
def submit_sheet(session: OfOffice, sheet_id: FromPath[UUID], data: JSONBody[ScoresIn]) -> SheetOut:
    """Hand a sheet of one's own in for good."""
    scoring.submit_sheet(session, sheet_id, data.scores)
    return SheetOut.model_validate(scoring.own_sheet(session, sheet_id))


@act("/sheets/{sheet_id:uuid}/excuse", roles=EXAMINERS)
def excuse_sheet(session: OfOffice, sheet_id: FromPath[UUID], data: JSONBody[Reason]) -> None:
    """Step back from a candidate, or excuse a member who cannot come."""
    scoring.excuse_sheet(session, sheet_id, reason=data.reason)


def _out(session: OfficeSession, panel: EvaluationPanel) -> PanelOut:
    return PanelOut.of(panel, seed=queries.seed_of(session, panel.id))


router = Router("/", route_handlers=declared_in(__name__), tags=["综合评审"])
