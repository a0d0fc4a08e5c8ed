"""Certificates issued again (更换、补办), as JSON."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody

from core.api.applications.identity import ForeseenOut
from core.api.results.awards import CertificateOut
from core.results.awards import queries, reissues
from core.results.awards.certificate_life import Ground
from core.web.dependencies import OfOffice, OfPerson, ThePlatform
from core.web.guards import APPLICANTS, OFFICERS, SUPERVISORS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Output, Remark, Text


class ReissueIn(Input):
    """Why a certificate is to be issued again."""

    ground: Ground
    reason: Text


class ReissueOut(Output):
    """A request: asked for or proposed by one, decided by another."""

    id: UUID
    certificate_id: UUID
    application_id: UUID
    ground: Ground
    reason: str
    state: str
    asked_at: datetime
    asked_by_name: str
    proposed_at: datetime | None
    proposed_by_name: str
    decided_at: datetime | None
    decided_by_name: str
    remark: str


@create("/certificates/{certificate_id:uuid}/reissues", roles=APPLICANTS)
def ask(session: OfPerson, certificate_id: FromPath[UUID], data: JSONBody[ReissueIn]) -> ReissueOut:
    """Ask for another certificate in the place of one's own."""
    return ReissueOut.model_validate(reissues.ask(session, certificate_id, ground=data.ground, reason=data.reason))


@create("/certificates/{certificate_id:uuid}/reissue-proposals", roles=OFFICERS)
def propose(session: OfOffice, certificate_id: FromPath[UUID], data: JSONBody[ReissueIn]) -> ReissueOut:
    """Propose to issue a certificate of the office again."""
    return ReissueOut.model_validate(reissues.propose(session, certificate_id, ground=data.ground, reason=data.reason))


@read("/certificate-reissues", roles=OFFICERS)
def list_reissues(session: OfOffice) -> list[ReissueOut]:
    """The requests of the office, the open ones first."""
    return [ReissueOut.model_validate(reissue) for reissue, _certificate, _case in reissues.reissues(session)]


@read("/certificate-reissues/outdated", roles=OFFICERS)
def list_outdated(session: OfOffice) -> list[CertificateOut]:
    """The certificates in force whose holder is called otherwise now: to be exchanged."""
    return [CertificateOut.model_validate(paper) for paper in queries.outdated_papers(session)]


@act("/certificate-reissues/{reissue_id:uuid}/support", roles=OFFICERS)
def support(session: OfOffice, reissue_id: FromPath[UUID]) -> ReissueOut:
    """Propose what its holder has asked for."""
    return ReissueOut.model_validate(reissues.support(session, reissue_id))


@read("/certificate-reissues/{reissue_id:uuid}/effects", roles=SUPERVISORS)
def foresee(session: OfOffice, platform: ThePlatform, reissue_id: FromPath[UUID]) -> ForeseenOut:
    """What granting it would cause."""
    found = reissues.foresee(session, reissue_id, offices=platform.offices, paper_keys=platform.paper_keys)
    return ForeseenOut(sentence=found.sentence)


@act("/certificate-reissues/{reissue_id:uuid}/grant", roles=SUPERVISORS)
def grant(session: OfOffice, platform: ThePlatform, reissue_id: FromPath[UUID]) -> CertificateOut:
    """Issue the certificate again; the answer is the new one."""
    made = reissues.grant(session, reissue_id, offices=platform.offices, paper_keys=platform.paper_keys)
    return CertificateOut.model_validate(queries.paper(session, made.id))


@act("/certificate-reissues/{reissue_id:uuid}/refuse", roles=SUPERVISORS)
def refuse(session: OfOffice, reissue_id: FromPath[UUID], data: JSONBody[Remark]) -> ReissueOut:
    """Leave the certificate as it is, with a reason."""
    return ReissueOut.model_validate(reissues.refuse(session, reissue_id, remark=data.remark))


router = Router("/", route_handlers=declared_in(__name__), tags=["公示与证书"])
