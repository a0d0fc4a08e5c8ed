"""Units over JSON: the directory, the acts by which units change, and the annex form of their managers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import Field

from core.identity.reveals import Ground, Why
from core.organizations import directory, managers, names, queries, reveals, service
from core.organizations.managers import ManagerDetails
from core.plugin_api import WindowKind
from core.seasons.queries import calendar_now
from core.tenancy.config.office import Affiliation
from core.web.dependencies import AnySession, OfOffice, OfProvince, OfReviewer, ThePlatform
from core.web.guards import CENTER, EVERYBODY, OFFICERS, UNITS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Digest, Input, Line, OfficeId, Output, RevealedOut, Text


class FormState(StrEnum):
    """Where an annex form stands."""

    FILED = "filed"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    SUPERSEDED = "superseded"


class SexIn(StrEnum):
    """As the annex form asks for it."""

    MALE = "male"
    FEMALE = "female"


class UnitOut(Output):
    """A unit. ``parent_id`` is its competent department, null where it is its own."""

    id: UUID
    name: str
    office_id: str
    local_office_id: str
    parent_id: UUID | None
    area_code: str | None
    affiliation: str
    created_at: datetime
    ended_at: datetime | None
    successor_id: UUID | None


class UnitPage(Output):
    """A page of the directory; the next one is asked for with ``after``."""

    items: list[UnitOut]
    after: UUID | None


class NameOut(Output):
    """A name that a unit had from a day on, and the act by which it came."""

    name: str
    valid_from: date
    act: str
    note: str


class UnitIn(Input):
    """A new unit; without ``parent_id`` it is its own department."""

    name: Line
    affiliation: Affiliation
    office_id: OfficeId
    local_office_id: OfficeId
    area_code: Annotated[str, Field(pattern=r"^\d{6}$")] | None = None
    parent_id: UUID | None = None


class CorrectionIn(Input, published="organizations_api_CorrectionIn"):
    """The right name, inside the window of ``year`` for unit names."""

    name: Line
    year: Annotated[int, Field(ge=1990, le=2200)]


class OfficialAct(Input):
    """From when an act holds, and the number of the paper that it rests on."""

    valid_from: date
    instrument: Line


class RenamingIn(OfficialAct):
    """A new name."""

    name: Line


class MergerIn(OfficialAct):
    """The units that become one, and its name."""

    unit_ids: list[UUID] = Field(max_length=50)
    name: Line


class SplitIn(OfficialAct):
    """The names of the parts. The first carries on the open cases."""

    names: list[Line] = Field(max_length=50)


class RelocationIn(OfficialAct):
    """The office that a unit comes under."""

    office_id: OfficeId
    local_office_id: OfficeId
    area_code: Annotated[str, Field(pattern=r"^\d{6}$")] | None = None
    parent_id: UUID | None = None


class ManagerFormIn(Input):
    """The annex form (网上报名管理人员信息登记表)."""

    name: Line
    sex: SexIn
    department: Line
    post: Line
    office_phone: Line
    mobile: Line
    stamped_scan_sha256: Digest = ""


class ManagerFormOut(Output):
    """An annex form, without the mobile number."""

    id: UUID
    unit_id: UUID
    office_id: str
    name: str
    sex: str
    department: str
    post: str
    office_phone: str
    state: FormState
    filed_at: datetime
    decided_at: datetime | None
    remark: str
    faults: dict[str, str]
    account_id: UUID | None
    access_issued_at: datetime | None


class ManagerFormPage(Output):
    """A page of annex forms; the next one is asked for with ``after``."""

    items: list[ManagerFormOut]
    after: UUID | None


class ManagerFormReturnIn(Input):
    """What is to be mended: of the whole form, and of single fields."""

    remark: Text = ""
    faults: dict[str, Text] = Field(default_factory=dict, max_length=20)


class RevealReasonIn(Input):
    """Why a number is to be shown in full: a ground of the list; a text beside ``other`` alone."""

    ground: Ground = Ground.OTHER
    reason: Text = ""


class AccessOut(Output):
    """What the office hands to a new manager, once: the password is to be changed at the first sign-in."""

    account_id: UUID
    login: str
    initial_password: str


@read("/units", roles=EVERYBODY)
def list_units(
    session: AnySession,
    office: Annotated[str | None, QueryParameter(max_length=100)] = None,
    named: Annotated[str, QueryParameter(max_length=200)] = "",
    after: FromQuery[UUID | None] = None,
) -> UnitPage:
    """The directory, a page at a time, narrowed to an office's area and to names that begin so."""
    page = directory.units(session, office_id=office, named=named, after=after)
    return UnitPage(items=[UnitOut.model_validate(row) for row in page.rows], after=page.next_after)


@read("/units/{unit_id:uuid}", roles=EVERYBODY)
def show_unit(session: AnySession, unit_id: FromPath[UUID]) -> UnitOut:
    """One unit, ended or not."""
    return UnitOut.model_validate(queries.visible_unit(session, unit_id))


@read("/units/{unit_id:uuid}/names", roles=EVERYBODY)
def list_names(session: AnySession, unit_id: FromPath[UUID]) -> list[NameOut]:
    """Every name that a unit had, oldest first."""
    queries.visible_unit(session, unit_id)
    return [NameOut.model_validate(name) for name in directory.names(session, unit_id)]


@create("/units", roles=OFFICERS | UNITS)
def register_unit(session: OfReviewer, data: JSONBody[UnitIn]) -> UnitOut:
    """Add a unit: an office one of its own, a department one below itself."""
    return UnitOut.model_validate(service.register_unit(session, **data.model_dump()))


@act("/units/{unit_id:uuid}/correct-name", roles=OFFICERS | UNITS)
def correct_name(session: OfReviewer, unit_id: FromPath[UUID], data: JSONBody[CorrectionIn]) -> UnitOut:
    """Put a unit's name right, while the window for unit names is open."""
    unit = queries.visible_unit(session, unit_id)
    window = calendar_now(session, unit.local_office_id, data.year).window(WindowKind.UNIT_NAMES)
    names.correct_name(session, unit_id, name=data.name, window=window)
    return UnitOut.model_validate(unit)


@act("/units/{unit_id:uuid}/rename", roles=OFFICERS)
def rename(session: OfOffice, unit_id: FromPath[UUID], data: JSONBody[RenamingIn]) -> UnitOut:
    """Give a unit the new name that an official paper gives it."""
    names.rename(session, unit_id, **data.model_dump())
    return UnitOut.model_validate(queries.visible_unit(session, unit_id))


@create("/units/mergers", roles=OFFICERS)
def merge(session: OfOffice, data: JSONBody[MergerIn]) -> UnitOut:
    """End two or more units and return the one that they become."""
    merged = service.merge(
        session, data.unit_ids, name=data.name, valid_from=data.valid_from, instrument=data.instrument
    )
    return UnitOut.model_validate(merged)


@create("/units/{unit_id:uuid}/split", roles=OFFICERS)
def split(session: OfOffice, unit_id: FromPath[UUID], data: JSONBody[SplitIn]) -> list[UnitOut]:
    """End a unit and return its parts."""
    parts = service.split(
        session, unit_id, names_of_parts=data.names, valid_from=data.valid_from, instrument=data.instrument
    )
    return [UnitOut.model_validate(part) for part in parts]


@create("/units/{unit_id:uuid}/relocate", roles=OFFICERS)
def relocate(session: OfOffice, unit_id: FromPath[UUID], data: JSONBody[RelocationIn]) -> UnitOut:
    """Move a unit between places of one city."""
    return UnitOut.model_validate(service.move_to_office(session, unit_id, **data.model_dump()))


@create("/supervision/units/{unit_id:uuid}/relocate", roles=CENTER, province=True)
def relocate_across(session: OfProvince, unit_id: FromPath[UUID], data: JSONBody[RelocationIn]) -> UnitOut:
    """Move a unit from one office that counts cases to another."""
    return UnitOut.model_validate(service.move_to_office(session, unit_id, **data.model_dump()))


@create("/units/{unit_id:uuid}/manager-forms", roles=OFFICERS | UNITS)
def file_manager_form(
    session: OfReviewer, platform: ThePlatform, unit_id: FromPath[UUID], data: JSONBody[ManagerFormIn]
) -> ManagerFormOut:
    """File the annex form of a unit; at every change of person a new one."""
    details = ManagerDetails(**data.model_dump(exclude={"stamped_scan_sha256"}))
    form = managers.file_manager_form(
        session, unit_id, details=details, keys=platform.keys, stamped_scan_sha256=data.stamped_scan_sha256
    )
    return ManagerFormOut.model_validate(form)


@read("/manager-forms", roles=OFFICERS | UNITS)
def list_manager_forms(
    session: OfReviewer,
    standing: Annotated[FormState | None, QueryParameter(name="state", description="表格的状态。")] = None,
    after: FromQuery[UUID | None] = None,
) -> ManagerFormPage:
    """The annex forms that the office was sent, or the unit's own."""
    page = directory.manager_forms(session, state=standing, after=after)
    return ManagerFormPage(items=[ManagerFormOut.model_validate(row) for row in page.rows], after=page.next_after)


@act("/manager-forms/{form_id:uuid}/accept", roles=OFFICERS)
def accept_manager_form(session: OfOffice, platform: ThePlatform, form_id: FromPath[UUID]) -> AccessOut:
    """Accept a form, end the account of the manager before and hand out the new one's access, once."""
    access = managers.accept_manager_form(session, form_id)
    letter = managers.issue_access(session, form_id, seen=None, hasher=platform.door.hasher)
    return AccessOut(account_id=access.account_id, login=letter.login, initial_password=letter.password)


@act("/manager-forms/{form_id:uuid}/return", roles=OFFICERS)
def return_manager_form(
    session: OfOffice, form_id: FromPath[UUID], data: JSONBody[ManagerFormReturnIn]
) -> ManagerFormOut:
    """Send a form back with what is to be mended."""
    returned = managers.return_manager_form(session, form_id, **data.model_dump())
    return ManagerFormOut.model_validate(returned)


@act("/manager-forms/{form_id:uuid}/reveal", roles=OFFICERS)
def reveal_mobile(
    session: OfOffice, platform: ThePlatform, form_id: FromPath[UUID], data: JSONBody[RevealReasonIn]
) -> RevealedOut:
    """Show the manager's mobile number in full, with a reason; no list or form shows it."""
    most = platform.offices.config(session.office_id).supervision.reveals_per_hour
    why = Why(data.ground, data.reason)
    return RevealedOut(value=reveals.reveal_mobile(session, form_id, why=why, most=most, keys=platform.keys))


router = Router("/", route_handlers=declared_in(__name__), tags=["单位"])
