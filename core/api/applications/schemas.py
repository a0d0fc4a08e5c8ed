"""Applications on the wire: lines of a list, a whole case with what the asker may do with it, story and findings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from core.applications.consequences import open_actions
from core.applications.editions import edition_of
from core.applications.forms import ApplicationDraft
from core.applications.models import Application, FindingRecord, FindingSettlement, Move
from core.applications.moves import capacities
from core.applications.queries import Page
from core.db.session import AuditorSession, CaseSession
from core.domain.workflow import ACTION_LABELS, STATE_LABELS, Action, State
from core.identity.reveals import Ground, PersonalField
from core.plugin_api import ApplicationPath, Grade, ReviewStage, Severity
from core.web.schemas import Input, Line, Moment, Output, Text, Year


class ActionOut(Output):
    """Something that the asker may do with a case."""

    action: Action
    label: str


class CaseLine(Output):
    """A case as lists show it."""

    id: UUID
    reference: str
    person_name: str
    id_tail: str
    unit_name: str
    grade: Grade | None
    trade: str | None
    state: State
    state_label: str
    version: int
    due_at: datetime | None
    office_id: str
    handler_office_id: str


class CasePage(Output):
    """A page of a list; the next one is asked for with ``after``, which is null on the last."""

    items: list[CaseLine]
    after: UUID | None


class CaseOut(CaseLine):
    """A whole case. ``edition`` names its form as it is now; who saves the form says which edition they saw."""

    edition: str
    year: int
    path: ApplicationPath | None
    unit_id: UUID
    department_id: UUID | None
    local_office_id: str
    round: int
    form: dict[str, Any]
    route: list[ReviewStage]
    desks: dict[str, str]
    onsite_needed: bool
    deferral_open: bool
    unlocked_items: list[str] | None
    created_at: datetime
    submitted_at: datetime | None
    allowed_actions: list[ActionOut]


class ApplicantIn(Input):
    """For whom a unit begins an application."""

    id_number: Line
    name: Line
    phone: Line | None = None


class DraftIn(Input, published="applications_schemas_DraftIn"):
    """A new application. ``applicant`` is given by a unit alone: a person applies for themselves."""

    year: Year
    unit_id: UUID
    applicant: ApplicantIn | None = None
    form: ApplicationDraft = Field(default_factory=ApplicationDraft)


class FormIn(Input):
    """The form as it shall be from now on. ``edition`` is the one that the asker saw; an older one is refused."""

    form: ApplicationDraft
    edition: Line


class SeenIn(Input):
    """The version that the asker saw; somebody who has been faster since then is not overwritten."""

    version: int | None = None


class SupplementIn(Input):
    """A deferred paper that has been uploaded."""

    material: Line
    document_id: UUID


class CommitmentIn(Input):
    """What a unit commits to supply (容缺后补), and until when."""

    material: Line
    commitment: Text
    due_at: Moment


class DeferralOut(Output):
    """A commitment and what became of it."""

    id: UUID
    material: str
    commitment: str
    committed_at: datetime
    due_at: datetime
    state: str
    document_id: UUID | None
    supplemented_at: datetime | None
    ended_at: datetime | None


class MoveOut(Output):
    """One step of a case's life."""

    id: UUID
    version: int
    round: int
    action: Action
    action_label: str
    from_state: State
    to_state: State
    to_state_label: str
    reason: str
    office_id: str
    acting_office_id: str | None
    actor_name: str
    on_behalf_of_name: str
    done_by: str
    role: str
    late: bool
    at: datetime


class SettlementOut(Output):
    """An officer's answer to a finding that asks."""

    satisfied: bool
    reason: str
    evidence_document_id: UUID | None
    office_id: str
    at: datetime


class FindingOut(Output):
    """One clause's verdict, with the answer that holds, if there is one."""

    id: UUID
    round: int
    rule: str
    source: str
    severity: Severity
    text: str
    missing: str
    origin: str
    settlement: SettlementOut | None


class StateCount(Output):
    """How many cases stand in a state."""

    state: State
    state_label: str
    count: int


def case_of(session: CaseSession | AuditorSession, application: Application) -> CaseOut:
    """The whole case, with what this session's actor may do with it now."""
    state = State(application.state)
    actions: tuple[Action, ...] = ()
    if not isinstance(session, AuditorSession):
        actions = open_actions(session, application, capacities(session, application))
    return CaseOut.of(
        application,
        edition=edition_of(application),
        state_label=STATE_LABELS[state],
        allowed_actions=[ActionOut(action=action, label=ACTION_LABELS[action]) for action in actions],
    )


def page_of(page: Page) -> CasePage:
    """A page of a list."""
    items = [CaseLine.of(row, state_label=STATE_LABELS[State(row.state)]) for row in page.rows]
    return CasePage(items=items, after=page.next_after)


def move_of(move: Move) -> MoveOut:
    """One step, with its words."""
    return MoveOut.of(
        move,
        action_label=ACTION_LABELS[Action(move.action)],
        done_by=f"{move.actor_name}（代{move.on_behalf_of_name}）" if move.on_behalf_of_name else move.actor_name,
        to_state_label=STATE_LABELS[State(move.to_state)],
    )


def finding_of(finding: FindingRecord, settlement: FindingSettlement | None) -> FindingOut:
    """A finding with the answer that holds."""
    return FindingOut.of(finding, settlement=settlement)


class RevealIn(Input):
    """Which number is to be shown in full, and why."""

    field: PersonalField
    ground: Ground = Ground.OTHER
    reason: Text = ""
