"""Lists of those who passed, for their office: drafting, publishing, objections, certificates, archive."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from core.audit import service as audit
from core.db.session import OfficeSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.domain.permissions import Permission
from core.errors import Invalid, NotFound
from core.identity.reveals import Ground, Why
from core.pages.results.strikings import TONES
from core.pages.season import season_asked
from core.plugin_api import Grade
from core.printing.pdf import PrintedPaper
from core.results.archive import package as archive
from core.results.archive.package import PART
from core.results.awards import certificates, editions, list_queries, objections, publication, queries, striking
from core.results.awards.objections import Objector
from core.results.awards.pdf import certificates_pdf, notice_pdf, to_print
from core.results.models.awards import Publication
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import OFFICERS, SUPERVISORS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page

READERS = SUPERVISORS | OFFICERS
STATES = {
    "draft": ("待公示", "waits"),
    "published": ("公示中", "waits"),
    "corrected": ("已更正", "plain"),
    "withdrawn": ("已撤回", "stopped"),
    "closed": ("已公布", "done"),
}
_NOBODY: Mapping[UUID, Objector] = {}
OBJECTION_STATES = {
    "open": ("待处理", "waits"),
    "sustained": ("成立", "stopped"),
    "dismissed": ("不成立", "done"),
    "lapsed": ("名单已撤回，办结", "plain"),
}
PACKAGE_STATES = {
    "waiting": ("排队中", "waits"),
    "making": ("生成中", "waits"),
    "made": ("已生成", "done"),
    "failed": ("未成功", "stopped"),
}


@page("/awards", roles=READERS)
def awards_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The office's lists of the season."""
    return _awards(request, session)


@form("/awards", roles=SUPERVISORS)
def draft(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Draft a list for the grades that were ticked."""
    with attempt(request, session) as tried:
        awards = platform.offices.config(session.office_id).awards
        made = publication.draft_list(session, season_asked(request, session).year, grades=_grades(data), awards=awards)
        return see(f"/awards/{made.id}")
    return _awards(request, session, tried=tried)


@page("/awards/{publication_id:uuid}", roles=READERS)
def award_page(
    request: AnyRequest,
    session: OfOffice,
    *,
    publication_id: FromPath[UUID],
    after: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = 0,
) -> Response[str]:
    """One list with all its acts."""
    return _award(request, session, publication_id, after=after)


@form("/awards/{publication_id:uuid}/{step:str}", roles=SUPERVISORS)
def take_step(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    publication_id: FromPath[UUID],
    step: FromPath[str],
    data: Sent,
) -> Response[Any]:
    """Discard, publish, withdraw, close, issue, or pack for the archive."""
    address = f"/awards/{publication_id}"
    with attempt(request, session) as tried:
        match step:
            case "discard":
                publication.discard(session, publication_id)
                address = "/awards"
            case "publish":
                publication.publish(session, publication_id)
            case "withdraw":
                editions.withdraw(session, publication_id, reason=str(data.get("reason") or ""), keys=platform.keys)
            case "close":
                number = str(data.get("notice_number") or "")
                publication.close(session, publication_id, notice_number=number)
            case "issue":
                certificates.issue(session, publication_id, offices=platform.offices, paper_keys=platform.paper_keys)
            case "package":
                archive.request_package(session, publication_id, keys=platform.keys)
            case _:
                raise NotFound("no_such_step", "没有这项操作。请从名单页面办理。")
        return see(address)
    return _award(request, session, publication_id, tried=tried)


@page("/awards/{publication_id:uuid}/correct", roles=SUPERVISORS)
def correct_page(request: AnyRequest, session: OfOffice, publication_id: FromPath[UUID]) -> Response[str]:
    """What correcting a list would change, as things stand."""
    return _correct(request, session, publication_id)


@form("/awards/{publication_id:uuid}/correct", roles=SUPERVISORS)
def correct(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, publication_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Put the next edition in the list's place, as the officer was shown it."""
    reason, seen = str(data.get("reason") or ""), str(data.get("seen") or "")
    with attempt(request, session) as tried:
        awards = platform.offices.config(session.office_id).awards
        made = editions.correct(session, publication_id, reason=reason, seen=seen, awards=awards)
        return see(f"/awards/{made.id}")
    return _correct(request, session, publication_id, tried=tried, reason=reason)


@form("/awards/{publication_id:uuid}/objections/{objection_id:uuid}", roles=SUPERVISORS)
def decide_objection(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    publication_id: FromPath[UUID],
    objection_id: FromPath[UUID],
    data: Sent,
) -> Response[Any]:
    """Uphold or dismiss an objection in writing; one to the whole list with what it leads to."""
    reason = str(data.get("reason") or "")
    with attempt(request, session) as tried:
        if data.get("verdict") == "sustained":
            remedy = objections.remedy_of(str(data.get("remedy") or ""))
            objections.sustain(session, objection_id, reason=reason, keys=platform.keys, remedy=remedy)
        elif data.get("verdict") == "dismissed":
            objections.dismiss(session, objection_id, reason=reason, keys=platform.keys)
        else:
            raise Invalid("verdict_missing", "请选择异议是否成立。", fields={"verdict": "请选择异议是否成立"})
        return see(f"/awards/{publication_id}")
    return _award(request, session, publication_id, tried=tried)


@form("/awards/{publication_id:uuid}/objections/{objection_id:uuid}/objector", roles=SUPERVISORS)
def show_objector(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    publication_id: FromPath[UUID],
    objection_id: FromPath[UUID],
    data: Sent,
) -> Response[Any]:
    """Show the objector once, for the reason given; it is on the record."""
    with attempt(request, session) as tried:
        reason = str(data.get("reason") or "")
        most = platform.offices.config(session.office_id).supervision.reveals_per_hour
        why = Why(Ground.OTHER, reason)
        objector = objections.reveal_objector(session, objection_id, why=why, most=most, keys=platform.keys)
        return _award(request, session, publication_id, shown={objection_id: objector})
    return _award(request, session, publication_id, tried=tried)


@look("/awards/{publication_id:uuid}/notice.pdf", roles=READERS)
def notice(session: OfOffice, publication_id: FromPath[UUID]) -> Response[bytes]:
    """The notice of those who passed, to be sealed and sent."""
    listed = queries.publication(session, publication_id)
    if listed.state != "closed":
        raise NotFound("publication_not_closed", "公示期满、公布合格人员后才有通知。")
    return printed(PrintedPaper(notice_pdf(session, listed), f"合格人员通知-{listed.year}-第{listed.version}份.pdf"))


@look("/awards/{publication_id:uuid}/certificates/{part:int}/pdf", roles=SUPERVISORS)
def certificates_part(
    session: OfOffice, platform: ThePlatform, publication_id: FromPath[UUID], part: FromPath[int]
) -> Response[bytes]:
    """A part of the certificates in one file, to be printed; the opening is recorded."""
    listed = queries.publication(session, publication_id)
    papers = queries.papers_of_list(session, listed.id, skip=min(max(part, 1), 1000) * PART - PART, limit=PART)
    if not papers:
        raise NotFound("no_such_part", "这一部分没有证书。请从名单页面打开。")
    subject = audit.RecordSubject(session.office_id, "publication", listed.id)
    audit.record_on(session, subject, "certificate.opened", part=part, count=len(papers))
    address = platform.offices.config(session.office_id).awards.verification_address
    told = to_print(session, papers, store=platform.documents, keys=platform.keys)
    return printed(
        PrintedPaper(certificates_pdf(told, address=address), f"证书-{listed.year}-第{listed.version}份-{part}.pdf")
    )


@look("/awards/packages/{package_id:uuid}", roles=SUPERVISORS)
def package(session: OfOffice, platform: ThePlatform, package_id: FromPath[UUID]) -> Stream:
    """A package for the archive as a file."""
    made, chunks = archive.open_package(session, package_id, store=platform.documents, keys=platform.keys)
    name = quote(f"归档材料-{made.year}-{made.id.hex[-6:]}.zip", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Stream(chunks, media_type="application/zip", headers=headers)


def _awards(request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None) -> Response[str]:
    year = season_asked(request, session).year
    return render(
        request,
        session,
        "results/awards.html",
        tried=tried,
        year=year,
        lists=queries.publications(session, year),
        label=lambda numbers: "、".join(Grade(number).label for number in sorted(numbers, reverse=True)),
        states=STATES,
        grades=[(int(grade), grade.label) for grade in sorted(Grade, reverse=True)],
        may_decide=Permission.SUPERVISE in session.actor.may_change,
        waiting_for_list=publication.waits_for_list(session, year),
    )


def _award(
    request: AnyRequest,
    session: OfficeSession,
    publication_id: UUID,
    *,
    after: int = 0,
    tried: Attempt | None = None,
    shown: Mapping[UUID, Objector] = _NOBODY,
) -> Response[str]:
    listed = queries.publication(session, publication_id)
    lines = queries.lines(session, publication_id, after=after, limit=queries.PAGE_SIZE)
    count = queries.certificate_count(session, publication_id)
    may_decide = Permission.SUPERVISE in session.actor.may_change
    raised = list_queries.objections_of(session, listed)
    known = list_queries.editions_of(session, listed)
    strikings = list_queries.strikings_of(session, listed)
    address = f"/awards/{publication_id}"
    return render(
        request,
        session,
        "results/award.html",
        of_year=listed.year,
        tried=tried,
        publication=listed,
        state=STATES[listed.state],
        grades=Grade,
        trades=queries.trade_names(session, listed.year),
        lines=lines,
        count=count,
        parts=range(1, -(-count // PART) + 1),
        is_over=_is_over(listed, session),
        unprintable=certificates.unprintable(session, listed),
        may_decide=may_decide,
        raised=[(objection, shown.get(objection.id)) for objection in raised],
        places=list_queries.places_of(session, listed, raised),
        editions=known,
        edition_of={edition.id: edition.edition for edition in known},
        changes=list_queries.changes_in_words,
        strikings=strikings,
        striking_of_objection={found.objection_id: found for found in strikings if found.objection_id is not None},
        kinds=striking.KIND_LABELS,
        striking_states=striking.STATE_LABELS,
        striking_tones=TONES,
        may_propose=Permission.RUN_OFFICE in session.actor.may_change,
        remedy_due=publication.wants_remedy(listed, raised),
        remedies=[(remedy.value, remedy.label) for remedy in objections.Remedy],
        objection_states=OBJECTION_STATES,
        files=files_of(session, Subject.OBJECTION, [objection.id for objection in raised]),
        packages=queries.packages(session, publication_id),
        package_states=PACKAGE_STATES,
        next_address=f"{address}?after={lines[-1].position}" if len(lines) == queries.PAGE_SIZE else None,
        first_address=address if after else None,
    )


def _correct(
    request: AnyRequest, session: OfficeSession, publication_id: UUID, *, tried: Attempt | None = None, reason: str = ""
) -> Response[str]:
    listed = queries.publication(session, publication_id)
    if listed.state != "published":
        raise NotFound("publication_not_out", "这份名单不在公示中，不能更正。请从名单列表进入。")
    found = editions.difference(session, listed)
    return render(
        request,
        session,
        "results/correct.html",
        of_year=listed.year,
        tried=tried,
        publication=listed,
        found=found,
        rows=editions.rows_of(session, listed, found),
        fields=list_queries.FIELD_LABELS,
        reason=reason,
    )


def _is_over(listed: Publication, session: OfficeSession) -> bool:
    return listed.ends_at is not None and session.now >= listed.ends_at


def _grades(data: dict[str, Any]) -> set[Grade]:
    sent = data.get("grades") or []
    numbers = sent if isinstance(sent, list) else [sent]
    known = {str(int(grade)): grade for grade in Grade}
    return {known[str(number)] for number in numbers if str(number) in known}
