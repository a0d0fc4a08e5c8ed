"""The annex form at its office: the forms that wait, one beside its scan, the account and the letter with its password.

Source: 2024 notice §3(1) and its annex.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody, QueryParameter

from core.applications.form_steps import Fields
from core.db.session import OfficeSession
from core.documents.attachment_queries import files_of, open_kinds, standing_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.domain.mobile import masked_mobile
from core.errors import Invalid
from core.organizations import directory, managers, queries
from core.organizations.directory import FormLine, Standing
from core.organizations.managers import FIELD_LABELS, RETURNABLE, AccessLetter, ManagerDetails
from core.organizations.models import ManagerForm, Unit
from core.organizations.pdf import letters_pdf
from core.pages.offered_files import digest_of, offered_if_chosen
from core.platform import Platform
from core.printing.pdf import PrintedPaper
from core.security.keys import Place
from core.tenancy.models import Office
from core.text.filters import day
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import OFFICERS
from core.web.page import form_fields as fields
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, form_with_file, page

STATES = {
    "filed": ("待受理", "waits"),
    "accepted": ("已受理", "done"),
    "returned": ("已退回", "stopped"),
    "superseded": ("已更换", "plain"),
}
SEXES = {"male": "男", "female": "女"}
_TABS = {"waits": "待受理", "letter": "待发密码函", "done": "已办理", "units": "没有管理人员的单位"}


@page("/manager-forms", roles=OFFICERS)
def forms_page(
    request: AnyRequest,
    session: OfOffice,
    *,
    show: Annotated[str, QueryParameter(max_length=20)] = "waits",
    q: Annotated[str, QueryParameter(max_length=100)] = "",
    after: Annotated[UUID | None, QueryParameter()] = None,
) -> Response[str]:
    """The forms that wait, those whose letter is to be printed, those that are done; and units without a manager."""
    return _list(request, session, show=show if show in _TABS else "waits", named=q, after=after)


@form("/manager-forms/letters", roles=OFFICERS)
def print_letters(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Issue the first passwords of the chosen forms, and print one letter a page; they are shown nowhere again."""
    with attempt(request, session) as tried:
        chosen = fields.identifiers(data, "form")
        if not chosen:
            raise Invalid("nothing_chosen", "请先勾选要打印密码函的管理人员。", at="form")
        hasher = platform.door.hasher
        return _letters(
            request, session, [managers.issue_access(session, form_id, seen=None, hasher=hasher) for form_id in chosen]
        )
    return _list(request, session, show="letter", tried=tried)


@page("/manager-forms/new/{unit_id:uuid}", roles=OFFICERS)
def new_form_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, unit_id: FromPath[UUID]
) -> Response[str]:
    """The form of a unit that has no account yet, typed from its stamped paper."""
    return _new(request, session, platform, unit_id)


@form_with_file("/manager-forms/new/{unit_id:uuid}", roles=OFFICERS)
def file_for_unit(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    unit_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """File the form for the unit, with the scan where there is one."""
    with attempt(request, session) as tried, offered_if_chosen(data, "annex") as scan:
        filed = managers.file_manager_form(
            session,
            unit_id,
            details=ManagerDetails(**{name: str(data.get(name) or "") for name in FIELD_LABELS}),
            keys=platform.keys,
            stamped_scan_sha256="" if scan is None else digest_of(scan),
        )
        if scan is not None:
            attach(session, Subject.MANAGER_FORM, filed.id, scan, keeping=platform.keeping)
        return see(f"/manager-forms/{filed.id}")
    return _new(request, session, platform, unit_id, tried=tried, given=data)


@page("/manager-forms/{form_id:uuid}", roles=OFFICERS)
def form_page(request: AnyRequest, session: OfOffice, platform: ThePlatform, form_id: FromPath[UUID]) -> Response[str]:
    """One form beside its scan, and what may be done with it."""
    return _show(request, session, platform, form_id)


@form("/manager-forms/{form_id:uuid}/accept", roles=OFFICERS)
def accept(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, form_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Accept the form: the account of the manager before ends, the new one waits for its letter."""
    with attempt(request, session) as tried:
        if fields.text(data, "compared") != "true":
            raise Invalid("not_compared", "请先与盖章的扫描件或原件逐项核对，再勾选受理。", at="compared")
        managers.accept_manager_form(session, form_id)
        return see(f"/manager-forms/{form_id}")
    return _show(request, session, platform, form_id, tried=tried, given=data)


@form("/manager-forms/{form_id:uuid}/return", roles=OFFICERS)
def send_back(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, form_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Send the form back with what is to be mended, field by field."""
    with attempt(request, session) as tried:
        faults = {name: fields.text(data, f"fault_{name}") for name in RETURNABLE}
        managers.return_manager_form(session, form_id, remark=fields.text(data, "remark"), faults=faults)
        return see(f"/manager-forms/{form_id}")
    return _show(request, session, platform, form_id, tried=tried, given=data)


@form("/manager-forms/{form_id:uuid}/letter", roles=OFFICERS)
def print_letter(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, form_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Print the letter with a first password; where there was one, the password in it ends."""
    with attempt(request, session) as tried:
        letter = managers.issue_access(session, form_id, seen=_seen(data), hasher=platform.door.hasher)
        return _letters(request, session, [letter])
    return _show(request, session, platform, form_id, tried=tried)


def _seen(data: Mapping[str, Any]) -> datetime | None:
    """The moment of the latest letter as the page showed it."""
    given = fields.text(data, "seen")
    try:
        return datetime.fromisoformat(given) if given else None
    except ValueError:
        raise Invalid("seen_unreadable", "页面内容不完整，没有发放账号。请刷新页面后重新打印。") from None


def _letters(request: AnyRequest, session: OfficeSession, letters: list[AccessLetter]) -> Response[bytes]:
    office = session.get_one(Office, session.office_id).name
    content = letters_pdf(letters, office=office, address=str(request.base_url), on=day(session.now))
    return printed(PrintedPaper(content, "管理人员账号密码函.pdf"))


def _list(
    request: AnyRequest,
    session: OfficeSession,
    *,
    show: str,
    named: str = "",
    after: UUID | None = None,
    tried: Attempt | None = None,
) -> Response[str]:
    counts = {standing.value: count for standing, count in directory.count_forms(session).items()}
    lines: list[FormLine] = []
    units: Sequence[Unit] = ()
    if show == "units":
        found = directory.units_without_manager(session, named=named, after=after)
        units, following = found.rows, found.next_after
    else:
        lines, following = directory.office_forms(session, Standing(show), after=after)
    return render(
        request,
        session,
        "organizations/manager_forms.html",
        tried=tried,
        show=show,
        tabs=[
            (f"{label} {counts[name]}" if name in counts else label, f"/manager-forms?show={name}", name == show)
            for name, label in _TABS.items()
        ],
        lines=[(line, (session.now - line.form.filed_at).days) for line in lines],
        units=units,
        named=named,
        following=following,
        after=after,
        states=STATES,
        scans=files_of(session, Subject.MANAGER_FORM, [line.form.id for line in lines]),
    )


def _new(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    unit_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    unit = queries.unit_in_charge_of(session, unit_id)
    return render(
        request,
        session,
        "organizations/manager_form_new.html",
        tried=tried,
        unit=unit,
        earlier=[(row, STATES[row.state]) for row in directory.forms_of_unit(session, unit.id)],
        sexes=list(SEXES.items()),
        limits=limits_of(platform.offices.config(session.office_id)),
        given=Fields(given or {}),
    )


def _show(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    form_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    shown = managers.form_of_office(session, form_id)
    unit = queries.visible_unit(session, shown.unit_id)
    versions = directory.forms_of_unit(session, unit.id)
    thing = standing_of(session, Subject.MANAGER_FORM, shown.id)
    return render(
        request,
        session,
        "organizations/manager_form.html",
        tried=tried,
        shown=shown,
        unit=unit,
        state=STATES[shown.state],
        days=(session.now - shown.filed_at).days,
        details=_details(shown, platform),
        faults=[(RETURNABLE[name], text) for name, text in shown.faults.items()],
        returnable=list(RETURNABLE.items()),
        versions=[(row, STATES[row.state]) for row in versions if row.id != shown.id],
        former=next((row for row in versions if row.state == "accepted" and row.id != shown.id), None),
        scans=[line for line in files_of(session, Subject.MANAGER_FORM, [shown.id])[shown.id] if not line.superseded],
        adds=bool(open_kinds(session, thing)),
        given=Fields(given or {}),
        returning=tried is not None and "remark" in (given or {}),
    )


def _details(shown: ManagerForm, platform: Platform) -> list[tuple[str, str]]:
    """The typed fields in the form's order; the mobile number is masked."""
    mobile = ""
    if shown.mobile:
        mobile = masked_mobile(platform.keys.decrypt(shown.mobile, Place("manager_forms", "mobile", shown.id)).decode())
    values = {name: str(getattr(shown, name)) for name in FIELD_LABELS if name != "mobile"}
    values |= {"sex": SEXES.get(shown.sex, shown.sex), "mobile": mobile or "已按保存期限删除"}
    return [(label, values[name]) for name, label in FIELD_LABELS.items()]
