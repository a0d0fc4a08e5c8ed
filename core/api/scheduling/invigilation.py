"""Invigilators (监考人员) as JSON: the register, and the assignment to rooms."""

from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.api.scheduling.schemas import Counted
from core.scheduling.invigilation import register as invigilators
from core.scheduling.invigilation.register import InvigilatorForm
from core.web.dependencies import OfOffice
from core.web.guards import PLANNING, SCHEDULERS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Line, Output, Year, YearAsked


class InvigilatorIn(Input):
    """Somebody for the register; ``unit_id`` where their unit takes part, ``avoids`` units to keep away from."""

    number: Line
    name: Line
    unit_name: Line
    unit_id: UUID | None = None
    avoids: list[UUID] = Field(default=[], max_length=50)


class InvigilatorsIn(Input):
    """People for the register of a year."""

    year: Year
    people: list[InvigilatorIn] = Field(max_length=2_000)


class InvigilatorOut(Output):
    """Somebody on the register."""

    id: UUID
    number: str
    name: str
    unit_name: str
    unit_id: UUID | None


@act("/plans/{plan_id:uuid}/invigilators", roles=SCHEDULERS)
def assign_invigilators(session: OfOffice, plan_id: FromPath[UUID]) -> Counted:
    """Assign invigilators to every room of a plan."""
    return Counted(count=invigilators.assign_invigilators(session, plan_id))


@create("/invigilators", roles=SCHEDULERS)
def add_invigilators(session: OfOffice, data: JSONBody[InvigilatorsIn]) -> Counted:
    """Put people on the register of a year."""
    forms = [InvigilatorForm(**{**person.model_dump(), "avoids": tuple(person.avoids)}) for person in data.people]
    return Counted(count=len(invigilators.add_invigilators(session, data.year, forms)))


@read("/invigilators", roles=PLANNING)
def list_invigilators(session: OfOffice, year: YearAsked) -> list[InvigilatorOut]:
    """The register of a year."""
    return [InvigilatorOut.model_validate(invigilator) for invigilator in invigilators.register_of(session, year)]


@act("/invigilators/{invigilator_id:uuid}/end", roles=SCHEDULERS)
def end_invigilator(session: OfOffice, invigilator_id: FromPath[UUID]) -> InvigilatorOut:
    """Take somebody off the register."""
    return InvigilatorOut.model_validate(invigilators.end_invigilator(session, invigilator_id))


router = Router("/", route_handlers=declared_in(__name__), tags=["编排"])
