"""Public pages: the published lists, objections to them, and the verification of certificates."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody, QueryParameter

from core.applications.form_steps import Fields
from core.db.session import ScopedSession
from core.documents.attachments import limits_of
from core.errors import Invalid
from core.pages.offered_files import offered_if_chosen
from core.platform import Platform
from core.plugin_api import Grade
from core.results.awards import list_queries, objections, queries, verification
from core.results.awards.certificate_life import GROUND_LABELS
from core.results.awards.objections import Objector
from core.tenancy.queries import offices
from core.text.form_texts import whole_number
from core.web.dependencies import AnySession, ThePlatform
from core.web.page.downloads import attached
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render
from core.web.rates import OBJECTION, VERIFICATION
from core.web.routes import form, form_with_file, look, page

_ANSWERS = {
    "open": ("正在核查", "waits"),
    "sustained": ("异议成立", "done"),
    "dismissed": ("异议不成立", "stopped"),
    "lapsed": ("名单已撤回，异议办结", "plain"),
}


@look("/verify/pdf-ca.pem", roles=None)
def pdf_authority(platform: ThePlatform) -> Response[bytes]:
    """The certificate of the authority above those that sign PDFs, to be installed in a reader."""
    return attached(platform.pdf_signer.authority, "kaowu-pdf-ca.pem", "application/x-pem-file")


@page("/published")
def lists_page(request: AnyRequest, session: AnySession) -> Response[str]:
    """The lists of those who passed that are before the public now, and those that were closed or withdrawn lately."""
    names = {office.id: office.name for office in offices(session)}
    lists, over = queries.lists_out(session), list_queries.lists_shown(session)
    return render(request, session, "results/lists.html", lists=lists, over=over, names=names, label=_grades)


@page("/published/{publication_id:uuid}")
def list_page(
    request: AnyRequest,
    session: AnySession,
    platform: ThePlatform,
    *,
    publication_id: FromPath[UUID],
    after: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = 0,
) -> Response[str]:
    """One published list, page by page, with the form to object to it."""
    return _list(request, session, platform, publication_id, after=after, given={})


@form_with_file("/published/{publication_id:uuid}", roles=None, rate=OBJECTION)
def object_to(
    request: AnyRequest,
    session: AnySession,
    platform: ThePlatform,
    *,
    publication_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[str]:
    """Take an objection in, with a paper where there is one, and show its receipt number."""
    with attempt(request, session) as tried, offered_if_chosen(data, "grounds") as paper:
        receipt = objections.object_to(
            session,
            publication_id,
            grounds=str(data.get("grounds") or ""),
            objector=Objector(str(data.get("name") or ""), str(data.get("mobile") or "")),
            keys=platform.keys,
            position=_position(data),
            paper=paper,
            keeping=platform.keeping,
        )
        return render(request, session, "results/objected.html", receipt=receipt, publication_id=publication_id)
    return _list(request, session, platform, publication_id, after=0, given=data, tried=tried)


@page("/published/objections")
def answer_page(request: AnyRequest, session: AnySession) -> Response[str]:
    """The form by which an objector asks what became of their objection."""
    return _answer(request, session, given={})


@form("/published/objections", rate=VERIFICATION)
def ask_for_answer(request: AnyRequest, session: AnySession, platform: ThePlatform, data: Sent) -> Response[str]:
    """Say how an objection stands, by its receipt number and the mobile number that was left with it."""
    receipt, mobile = str(data.get("receipt") or ""), str(data.get("mobile") or "")
    with attempt(request, session) as tried:
        if not receipt.strip():
            raise Invalid("receipt_missing", "请填写受理编号。", at="receipt")
        found = objections.asked(session, receipt=receipt, mobile=mobile, keys=platform.keys)
        return _answer(request, session, given=data, asked=True, found=found)
    return _answer(request, session, given=data, tried=tried)


@page("/verify")
def verify_page(
    request: AnyRequest, session: AnySession, code: Annotated[str, QueryParameter(max_length=2000)] = ""
) -> Response[str]:
    """The form for number and name. A scanned code brings both, and still has to be sent."""
    return _verify(request, session, given={"code": code})


@form("/verify", rate=VERIFICATION)
def verify(request: AnyRequest, session: AnySession, platform: ThePlatform, data: Sent) -> Response[str]:
    """Say whether a certificate is valid. A wrong name is answered as a number that does not exist."""
    number, name, code = (str(data.get(field) or "") for field in ("number", "name", "code"))
    with attempt(request, session) as tried:
        if not code and not (number.strip() and name.strip()):
            fields = {} if number.strip() else {"number": "请填写证书编号"}
            fields |= {} if name.strip() else {"name": "请填写持证人姓名"}
            raise Invalid("verification_incomplete", "请填写证书编号和持证人姓名。", fields=fields)
        return _verify(request, session, given=data, asked=True, found=_found(session, platform, number, name, code))
    return _verify(request, session, given=data, tried=tried)


def _found(  # noqa: PLR0917 - what was typed in
    session: ScopedSession, platform: Platform, number: str, name: str, code: str
) -> verification.Standing | None:
    if code:
        return verification.standing_by_code(session, code, public_keys=platform.paper_keys.public)
    return verification.standing(session, number=number, name=name)


def _answer(
    request: AnyRequest,
    session: ScopedSession,
    *,
    given: dict[str, Any],
    asked: bool = False,
    found: objections.Answer | None = None,
    tried: Attempt | None = None,
) -> Response[str]:
    shown: dict[str, Any] = {
        "given": Fields(given),
        "asked": asked,
        "found": found,
        "state": None if found is None else _ANSWERS[found.state],
        "remedies": {remedy.value: remedy.label for remedy in objections.Remedy},
    }
    return render(request, session, "results/objection_answer.html", tried=tried, **shown)


def _verify(
    request: AnyRequest,
    session: ScopedSession,
    *,
    given: dict[str, Any],
    asked: bool = False,
    found: verification.Standing | None = None,
    tried: Attempt | None = None,
) -> Response[str]:
    facts: list[tuple[str, Any]] = []
    if found is not None:
        trades = queries.trade_names(session, found.year)
        facts = [
            ("证书编号", found.number),
            ("年度", f"{found.year}年"),
            ("技能等级", Grade(found.grade).label),
            ("工种", trades.get((found.grade, found.trade), found.trade)),
        ]
    shown: dict[str, Any] = {
        "given": Fields(given),
        "asked": asked,
        "found": found,
        "facts": facts,
        "grounds": GROUND_LABELS,
    }
    return render(request, session, "results/verify.html", tried=tried, **shown)


def _list(
    request: AnyRequest,
    session: ScopedSession,
    platform: Platform,
    publication_id: UUID,
    *,
    after: int,
    given: dict[str, Any],
    tried: Attempt | None = None,
) -> Response[str]:
    publication = list_queries.list_shown(session, publication_id)
    shows_lines = publication.state in {"published", "closed"}
    lines = queries.public_lines(session, publication, after=after) if shows_lines else []
    address = f"/published/{publication_id}"
    return render(
        request,
        session,
        "results/list.html",
        tried=tried,
        publication=publication,
        current=list_queries.current_edition(session, publication),
        editions=list_queries.editions_of(session, publication),
        changes=list_queries.changes_in_words,
        running=list_queries.is_running(session, publication),
        shows_lines=shows_lines,
        struck=list_queries.struck_positions(session, publication) if shows_lines else [],
        office={office.id: office.name for office in offices(session)}[publication.office_id],
        grades=_grades(publication.grades),
        lines=lines,
        given=Fields(given),
        limits=limits_of(platform.offices.config(publication.office_id)),
        next_address=f"{address}?after={lines[-1].position}" if len(lines) == queries.PAGE_SIZE else None,
        first_address=address if after else None,
    )


def _position(data: dict[str, Any]) -> int | None:
    written = str(data.get("position") or "").strip()
    if not written:
        return None
    number = whole_number(written)
    if number is None:
        raise Invalid("publication_line_unknown", "序号为名单中的数字。请核对后重新填写。", at="position")
    return number


def _grades(numbers: list[int]) -> str:
    return "、".join(Grade(number).label for number in sorted(numbers, reverse=True))
