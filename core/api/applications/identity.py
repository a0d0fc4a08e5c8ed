"""Corrections of names and identity numbers, as JSON. Numbers are masked."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.applications.identity import corrections, queries
from core.applications.identity.corrections import Wanted
from core.applications.identity.queries import CorrectionLine
from core.applications.identity.steps import Kind, State
from core.identity.models import IdentityCorrection
from core.platform import Platform
from core.web.dependencies import OfOffice, OfPerson, OfReviewer, OfUnit, ThePlatform
from core.web.guards import APPLICANTS, OFFICERS, SUPERVISORS, UNITS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Line, Output, Remark, Text


class IdentityCorrectionIn(Input):
    """What is to be corrected: the right name or number, why, and on what evidence."""

    kind: Kind
    value: Line = Field(repr=False)
    reason: Text
    evidence: Text = ""


class ExaminationIn(Input):
    """What the comparison with the evidence found."""

    examination: Text


class IdentityCorrectionOut(Output):
    """A correction: asked for, examined by one officer, decided by another."""

    id: UUID
    application_id: UUID | None
    office_id: str
    kind: Kind
    old_name: str
    new_name: str
    old_number: str
    new_number: str
    reason: str
    state: State
    at_once: bool
    asked_at: datetime
    asked_by_name: str
    examined_at: datetime | None
    examined_by_name: str
    decided_at: datetime | None
    decided_by_name: str
    remark: str


class ForeseenOut(Output):
    """What an act would cause, in words; empty where nothing is reached and nobody told."""

    sentence: str


@create("/identity-corrections", roles=APPLICANTS)
def ask_for_oneself(
    session: OfPerson, platform: ThePlatform, data: JSONBody[IdentityCorrectionIn]
) -> IdentityCorrectionOut:
    """Ask for a correction of one's own name or number."""
    about = corrections.about_myself(session, platform.keys)
    return _out(corrections.ask(session, about, _wanted(data), keys=platform.keys), platform)


@create("/applications/{application_id:uuid}/identity-corrections", roles=UNITS | OFFICERS)
def ask_for_person(
    session: OfReviewer, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[IdentityCorrectionIn]
) -> IdentityCorrectionOut:
    """Ask for a correction of the person of a case; a unit's own slip is put right at once."""
    about = corrections.about_case(session, application_id, platform.keys)
    return _out(corrections.ask(session, about, _wanted(data), keys=platform.keys), platform)


@read("/identity-corrections/own", roles=APPLICANTS)
def own_corrections(session: OfPerson, platform: ThePlatform) -> list[IdentityCorrectionOut]:
    """One's own corrections."""
    return [_of(line) for line in queries.own_corrections(session, platform.keys)]


@read("/identity-corrections/of-unit", roles=UNITS)
def unit_corrections(session: OfUnit, platform: ThePlatform) -> list[IdentityCorrectionOut]:
    """The corrections of the unit's people."""
    return [_of(line) for line in queries.unit_corrections(session, platform.keys)]


@read("/identity-corrections", roles=OFFICERS)
def list_corrections(session: OfOffice, platform: ThePlatform) -> list[IdentityCorrectionOut]:
    """The corrections before the office, the open ones first."""
    return [_of(line) for line in queries.office_corrections(session, platform.keys)]


@act("/identity-corrections/{identity_correction_id:uuid}/examine", roles=OFFICERS)
def examine(
    session: OfOffice, platform: ThePlatform, identity_correction_id: FromPath[UUID], data: JSONBody[ExaminationIn]
) -> IdentityCorrectionOut:
    """Note what an officer found when comparing the evidence."""
    return _out(corrections.examine(session, identity_correction_id, examination=data.examination), platform)


@read("/identity-corrections/{identity_correction_id:uuid}/effects", roles=SUPERVISORS)
def foresee(session: OfOffice, platform: ThePlatform, identity_correction_id: FromPath[UUID]) -> ForeseenOut:
    """What granting it would cause."""
    return ForeseenOut(sentence=corrections.foresee(session, identity_correction_id, platform.keys).sentence)


@act("/identity-corrections/{identity_correction_id:uuid}/grant", roles=SUPERVISORS)
def grant(
    session: OfOffice, platform: ThePlatform, identity_correction_id: FromPath[UUID], data: JSONBody[Remark]
) -> IdentityCorrectionOut:
    """Correct the person, the cases that stand, and what was issued."""
    made = corrections.grant(session, identity_correction_id, keys=platform.keys, remark=data.remark)
    return _out(made, platform)


@act("/identity-corrections/{identity_correction_id:uuid}/refuse", roles=SUPERVISORS)
def refuse(
    session: OfOffice, platform: ThePlatform, identity_correction_id: FromPath[UUID], data: JSONBody[Remark]
) -> IdentityCorrectionOut:
    """Leave name and number as they are, with a reason."""
    return _out(corrections.refuse(session, identity_correction_id, remark=data.remark), platform)


def _wanted(data: IdentityCorrectionIn) -> Wanted:
    return Wanted(data.kind, data.value, data.reason, data.evidence)


def _out(correction: IdentityCorrection, platform: Platform) -> IdentityCorrectionOut:
    return _of(queries.line_of(correction, platform.keys))


def _of(line: CorrectionLine) -> IdentityCorrectionOut:
    row = line.correction
    return IdentityCorrectionOut(
        id=row.id,
        application_id=row.application_id,
        office_id=row.office_id,
        kind=line.kind,
        old_name=line.old_name,
        new_name=line.new_name,
        old_number=line.old_number,
        new_number=line.new_number,
        reason=row.reason,
        state=State(row.state),
        at_once=row.at_once,
        asked_at=row.asked_at,
        asked_by_name=row.asked_by_name,
        examined_at=row.examined_at,
        examined_by_name=row.examined_by_name,
        decided_at=row.decided_at,
        decided_by_name=row.decided_by_name,
        remark=row.remark,
    )


router = Router("/", route_handlers=declared_in(__name__), tags=["更正姓名、身份证号"])
