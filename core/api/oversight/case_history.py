"""A case's whole story over JSON."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath

from core.oversight.case_history import tell_story
from core.web.dependencies import OfReader
from core.web.guards import APPLICANTS, AUDITORS, OFFICE_STAFF, UNITS
from core.web.routes import declared_in, read
from core.web.schemas import Output


class StoryLineOut(Output):
    """One thing that happened, as a sentence and in its parts; batch and position are its place in the record."""

    at: datetime
    event: str
    label: str
    sentence: str
    who: str
    on_behalf_of: str
    role: str
    place: str
    reason: str
    entry_id: UUID | None
    batch: int | None
    position: int | None


@read("/{application_id:uuid}/story", roles=APPLICANTS | UNITS | OFFICE_STAFF | AUDITORS)
def show_story(session: OfReader, application_id: FromPath[UUID]) -> list[StoryLineOut]:
    """Everything that happened to a case, oldest first, as far as the asker may know it."""
    return [StoryLineOut.model_validate(line) for line in tell_story(session, application_id)]


SUPERVISED = [show_story]

router = Router("/applications", route_handlers=declared_in(__name__), tags=["申报"])
