"""Lists of those who passed and certificates, as JSON: for offices, and for the public."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from core.identity.reveals import Ground, Why
from core.plugin_api import Grade
from core.results.awards import (
    certificates,
    editions,
    list_queries,
    objections,
    publication,
    queries,
    striking,
    verification,
)
from core.results.awards.objections import Objector
from core.web.dependencies import AnySession, OfOffice, OfPerson, OfSupervisor, ThePlatform
from core.web.guards import APPLICANTS, OFFICERS, SUPERVISORS
from core.web.rates import OBJECTION, VERIFICATION
from core.web.routes import act, create, declared_in, read, read_publicly, write_publicly
from core.web.schemas import Identified, Input, Line, Output, Reason, Text, Year, YearAsked

READERS = SUPERVISORS | OFFICERS
AfterLine = Annotated[int, QueryParameter(ge=0, description="从这个序号之后开始。")]


class ListOut(Output):
    """A published list, as the public sees it."""

    id: UUID
    office_id: str
    year: int
    version: int
    grades: list[int]
    entry_count: int
    published_at: datetime
    ends_at: datetime


class LineOut(Output):
    """A line of a published list, masked as the list says."""

    position: int
    name: str
    tail: str
    unit: str
    grade: str
    trade: str


class LinesOut(Output):
    """A page of lines; ``next_after`` is None on the last."""

    lines: list[LineOut]
    next_after: int | None


class VerificationIn(Input):
    """A certificate's number and its holder's name, or the code on the paper."""

    number: Line = ""
    name: Line = ""
    code: Annotated[str, Field(max_length=2000)] = ""


class VerificationOut(Output):
    """The standing of a certificate: always the same fields, empty where it is unknown."""

    standing: Literal["valid", "revoked", "superseded", "unknown"]
    number: str = ""
    year: int | None = None
    grade: str = ""
    trade: str = ""
    issued_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_because: str = ""
    superseded_at: datetime | None = None
    ground: str = Field(default="", description="换发原因：changed更名，wrong姓名有误，misprint印制有误，lost遗失。")
    successor: str = Field(default="", description="换发后的新证号。")


class ObjectionIn(Input):
    """An objection: its line (none: the whole list), its grounds, and the objector."""

    position: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    grounds: Text
    name: Line
    mobile: Line


class ReceiptOut(Output):
    """The receipt number of an objection."""

    receipt: str


class DraftIn(Input, published="results_award_api_DraftIn"):
    """The year and the grades of a draft list."""

    year: Year
    grades: Annotated[list[Grade], Field(min_length=1, max_length=5)]


class AwardListOut(Output):
    """A list of the office's own."""

    id: UUID
    year: int
    version: int
    edition: int
    grades: list[int]
    state: str
    entry_count: int
    working_days: int
    published_at: datetime | None
    ends_at: datetime | None
    closed_at: datetime | None
    notice_number: str


class CloseIn(Input, published="results_award_api_CloseIn"):
    """The number of the notice of those who passed."""

    notice_number: Line


class IssuedOut(Output, published="results_award_api_IssuedOut"):
    """The number of certificates issued, and of people who wait because something holds theirs up."""

    count: int
    held: int


class EndIn(Input):
    """Why a list is corrected or withdrawn: the public reads it. ``seen`` is the digest of the foreseen difference."""

    reason: Text
    seen: Line = ""


class StrikingIn(Input):
    """Why somebody should be struck off a list, and the objection that the decision will answer."""

    reason: Text
    objection: UUID | None = None


class SustainIn(Input):
    """Why an objection is upheld, and what one to the whole list leads to."""

    reason: Text
    remedy: objections.Remedy | None = None


class StrikingOut(Output):
    """A proposal to strike somebody off a list, or to restore them, and how it stands."""

    id: UUID
    kind: str
    state: str
    reason: str
    heard_until: datetime | None
    statement: str
    decided_at: datetime | None
    remark: str


class ObjectionOut(Output):
    """An objection without its objector; to show the objector is an act of its own."""

    id: UUID
    receipt: str
    position: int | None
    grounds: str
    received_at: datetime
    state: str
    reason: str
    remedy: str


class ObjectorOut(Output):
    """The objector. That they were shown is on the record."""

    name: str
    mobile: str


class CertificateOut(Output):
    """A certificate with its text."""

    id: UUID
    number: str
    name: str
    grade: str
    trade: str
    year: int
    office: str
    issued_at: datetime
    revoked_at: datetime | None
    revoked_reason: str
    returned_at: datetime | None
    superseded_at: datetime | None
    replaces: str | None
    successor: str | None
    former_name: str | None


@read_publicly("/publications")
def lists_out(session: AnySession) -> list[ListOut]:
    """The lists of those who passed that are published now, of every office."""
    return [ListOut.model_validate(listed) for listed in queries.lists_out(session)]


@read_publicly("/publications/{publication_id:uuid}/lines")
def lines_out(session: AnySession, publication_id: FromPath[UUID], after: AfterLine = 0) -> LinesOut:
    """The lines of a published list, page by page."""
    found = queries.public_lines(session, list_queries.list_shown(session, publication_id), after=after)
    more = found[-1].position if len(found) == queries.PAGE_SIZE else None
    return LinesOut(lines=[LineOut.model_validate(line) for line in found], next_after=more)


@write_publicly("/publications/{publication_id:uuid}/objections", rate=OBJECTION)
def object_to(
    session: AnySession, platform: ThePlatform, publication_id: FromPath[UUID], data: JSONBody[ObjectionIn]
) -> ReceiptOut:
    """Object to a published list, by name and with a telephone number."""
    receipt = objections.object_to(
        session,
        publication_id,
        grounds=data.grounds,
        objector=Objector(data.name, data.mobile),
        keys=platform.keys,
        position=data.position,
    )
    return ReceiptOut(receipt=receipt)


@write_publicly("/certificates/verify", rate=VERIFICATION)
def verify(session: AnySession, platform: ThePlatform, data: JSONBody[VerificationIn]) -> VerificationOut:
    """Whether a certificate is valid. A wrong name is answered as a number that does not exist."""
    if data.code:
        found = verification.standing_by_code(session, data.code, public_keys=platform.paper_keys.public)
    else:
        found = verification.standing(session, number=data.number, name=data.name)
    if found is None:
        return VerificationOut(standing="unknown")
    return VerificationOut.of(
        found,
        standing="superseded" if found.superseded else "valid" if found.valid else "revoked",
        grade=Grade(found.grade).label,
        trade=queries.trade_names(session, found.year).get((found.grade, found.trade), found.trade),
        ground=found.ground or "",
        successor=found.successor or "",
        revoked_because=found.why,
    )


@read("/awards", roles=READERS)
def list_awards(session: OfOffice, year: YearAsked) -> list[AwardListOut]:
    """The office's lists of a year."""
    return [AwardListOut.model_validate(listed) for listed in queries.publications(session, year)]


@create("/awards", roles=SUPERVISORS)
def draft_list(session: OfOffice, platform: ThePlatform, data: JSONBody[DraftIn]) -> AwardListOut:
    """Draft a list of the candidates who passed in these grades and stand on no list yet."""
    awards = platform.offices.config(session.office_id).awards
    made = publication.draft_list(session, data.year, grades=set(data.grades), awards=awards)
    return AwardListOut.model_validate(made)


@act("/awards/{publication_id:uuid}/discard", roles=SUPERVISORS)
def discard(session: OfOffice, publication_id: FromPath[UUID]) -> Identified:
    """Give up a draft."""
    publication.discard(session, publication_id)
    return Identified(id=publication_id)


@act("/awards/{publication_id:uuid}/publish", roles=SUPERVISORS)
def publish(session: OfOffice, publication_id: FromPath[UUID]) -> AwardListOut:
    """Publish a draft for as many working days as the office's rules say."""
    return AwardListOut.model_validate(publication.publish(session, publication_id))


@act("/awards/{publication_id:uuid}/close", roles=SUPERVISORS)
def close(session: OfOffice, publication_id: FromPath[UUID], data: JSONBody[CloseIn]) -> AwardListOut:
    """Give the notice of those who passed, once the period is over."""
    made = publication.close(session, publication_id, notice_number=data.notice_number)
    return AwardListOut.model_validate(made)


@act("/awards/{publication_id:uuid}/correct", roles=SUPERVISORS)
def correct(
    session: OfOffice, platform: ThePlatform, publication_id: FromPath[UUID], data: JSONBody[EndIn]
) -> AwardListOut:
    """Put the next edition in the place of a list that is out; without ``seen``, whatever it changes."""
    listed = queries.publication(session, publication_id)
    seen = data.seen or editions.difference(session, listed).digest
    awards = platform.offices.config(session.office_id).awards
    made = editions.correct(session, publication_id, reason=data.reason, seen=seen, awards=awards)
    return AwardListOut.model_validate(made)


@act("/awards/{publication_id:uuid}/withdraw", roles=SUPERVISORS)
def withdraw(
    session: OfOffice, platform: ThePlatform, publication_id: FromPath[UUID], data: JSONBody[EndIn]
) -> AwardListOut:
    """Withdraw a list for which no certificate was issued; the public reads the reason."""
    made = editions.withdraw(session, publication_id, reason=data.reason, keys=platform.keys)
    return AwardListOut.model_validate(made)


@create("/awards/{publication_id:uuid}/lines/{position:int}/strikings", roles=OFFICERS)
def propose_striking(
    session: OfOffice,
    platform: ThePlatform,
    *,
    publication_id: FromPath[UUID],
    position: FromPath[int],
    data: JSONBody[StrikingIn],
) -> StrikingOut:
    """Propose to strike a line; the person is told and heard, and another officer decides on the pages."""
    awards = platform.offices.config(session.office_id).awards
    made = striking.propose(
        session, publication_id, position, reason=data.reason, awards=awards, objection_id=data.objection
    )
    return StrikingOut.model_validate(made)


@act("/awards/{publication_id:uuid}/issue", roles=SUPERVISORS)
def issue(session: OfOffice, platform: ThePlatform, publication_id: FromPath[UUID]) -> IssuedOut:
    """Issue the certificates of a closed list."""
    made = certificates.issue(session, publication_id, offices=platform.offices, paper_keys=platform.paper_keys)
    return IssuedOut.model_validate(made)


@read("/awards/{publication_id:uuid}/objections", roles=READERS)
def list_objections(session: OfOffice, publication_id: FromPath[UUID]) -> list[ObjectionOut]:
    """The objections to a list."""
    listed = queries.publication(session, publication_id)
    return [ObjectionOut.model_validate(objection) for objection in list_queries.objections_of(session, listed)]


@act("/objections/{objection_id:uuid}/sustain", roles=SUPERVISORS)
def sustain(
    session: OfOffice, platform: ThePlatform, objection_id: FromPath[UUID], data: JSONBody[SustainIn]
) -> ObjectionOut:
    """Uphold an objection to the whole list, or to somebody who stands on it no more."""
    made = objections.sustain(session, objection_id, reason=data.reason, keys=platform.keys, remedy=data.remedy)
    return ObjectionOut.model_validate(made)


@act("/objections/{objection_id:uuid}/dismiss", roles=SUPERVISORS)
def dismiss(
    session: OfOffice, platform: ThePlatform, objection_id: FromPath[UUID], data: JSONBody[Reason]
) -> ObjectionOut:
    """Dismiss an objection."""
    made = objections.dismiss(session, objection_id, reason=data.reason, keys=platform.keys)
    return ObjectionOut.model_validate(made)


@act("/objections/{objection_id:uuid}/reveal", roles=SUPERVISORS)
def reveal_objector(
    session: OfOffice, platform: ThePlatform, objection_id: FromPath[UUID], data: JSONBody[Reason]
) -> ObjectorOut:
    """Show the objector, with a reason; no list shows them."""
    most = platform.offices.config(session.office_id).supervision.reveals_per_hour
    why = Why(Ground.OTHER, data.reason)
    shown = objections.reveal_objector(session, objection_id, why=why, most=most, keys=platform.keys)
    return ObjectorOut.model_validate(shown)


@read("/awards/{publication_id:uuid}/certificates", roles=READERS)
def list_certificates(
    session: OfOffice, publication_id: FromPath[UUID], skip: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = 0
) -> list[CertificateOut]:
    """The valid certificates of a list, fifty at a time."""
    listed = queries.publication(session, publication_id)
    found = queries.papers_of_list(session, listed.id, skip=skip, limit=queries.PAGE_SIZE)
    return [CertificateOut.model_validate(paper) for paper in found]


@read("/certificates", roles=APPLICANTS)
def own_certificates(session: OfPerson) -> list[CertificateOut]:
    """One's own certificates."""
    return [CertificateOut.model_validate(paper) for paper in queries.own_papers(session)]


@act("/certificates/{certificate_id:uuid}/revoke", roles=SUPERVISORS, province=True)
def revoke(session: OfSupervisor, certificate_id: FromPath[UUID], data: JSONBody[Reason]) -> CertificateOut:
    """Revoke a certificate for good and call its paper back."""
    certificates.revoke(session, certificate_id, reason=data.reason)
    return _certificate(session, certificate_id)


@act("/certificates/{certificate_id:uuid}/return", roles=SUPERVISORS, province=True)
def return_paper(session: OfSupervisor, certificate_id: FromPath[UUID]) -> CertificateOut:
    """Note the return of the paper of a revoked or superseded certificate."""
    certificates.return_paper(session, certificate_id)
    return _certificate(session, certificate_id)


def _certificate(session: Any, certificate_id: UUID) -> CertificateOut:
    return CertificateOut.model_validate(queries.paper(session, certificate_id))


router = Router("/", route_handlers=declared_in(__name__), tags=["公示与证书"])
