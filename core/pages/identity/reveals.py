"""A full identity or telephone number, shown for a reason of the list, and the list of who was shown what."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter
from sqlalchemy import select

from core.applications import queries as applications, reveals as of_cases
from core.applications.form_steps import Fields
from core.applications.models import Application
from core.db.session import OfficeSession, ProvinceSession
from core.errors import Invalid
from core.identity.models import Reveal
from core.identity.reveals import FIELD_LABELS, Ground, PersonalField, RevealingSession, Why, revealed
from core.organizations import managers, reveals as of_forms
from core.organizations.models import ManagerForm
from core.platform import Platform
from core.tenancy.queries import offices
from core.web.dependencies import OfOffice, OfSupervisor, ThePlatform
from core.web.guards import OFFICERS, REVIEWERS, SUPERVISORS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render
from core.web.routes import form, page

_NUMBERS = [(field.value, label) for field, label in FIELD_LABELS.items()]
_SUBJECTS = {"application": "申报人", "manager_form": "单位网上报名管理人员", "objection": "异议人"}


@page("/cases/{application_id:uuid}/number", roles=REVIEWERS | SUPERVISORS, province=True)
def number_page(
    request: AnyRequest, session: OfSupervisor, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[str]:
    """Ask for an applicant's number in full."""
    return _of_case(request, session, platform, application_id)


@form("/cases/{application_id:uuid}/number", roles=REVIEWERS | SUPERVISORS, province=True)
def show_number(
    request: AnyRequest, session: OfSupervisor, platform: ThePlatform, *, application_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Show it, this once; the reason is on the record."""
    with attempt(request, session) as tried:
        field, why = fields.one_of(PersonalField, data, "field"), _why(data)
        shown = of_cases.reveal(
            session, application_id, field=field, why=why, most=most_of(session, platform), keys=platform.keys
        )
        return _of_case(request, session, platform, application_id, shown=(FIELD_LABELS[field], shown))
    return _of_case(request, session, platform, application_id, tried=tried, given=data)


@page("/manager-forms/{form_id:uuid}/number", roles=OFFICERS)
def mobile_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, form_id: FromPath[UUID]
) -> Response[str]:
    """Ask for a registration manager's mobile number in full."""
    return _of_form(request, session, platform, form_id)


@form("/manager-forms/{form_id:uuid}/number", roles=OFFICERS)
def show_mobile(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, form_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Show it, this once; the reason is on the record."""
    with attempt(request, session) as tried:
        most = most_of(session, platform)
        shown = of_forms.reveal_mobile(session, form_id, why=_why(data), most=most, keys=platform.keys)
        return _of_form(request, session, platform, form_id, shown=(FIELD_LABELS[PersonalField.PHONE], shown))
    return _of_form(request, session, platform, form_id, tried=tried, given=data)


@page("/reveals", roles=SUPERVISORS, province=True)
def reveals_page(
    request: AnyRequest,
    session: OfSupervisor,
    *,
    by: Annotated[UUID | None, QueryParameter()] = None,
    before: Annotated[UUID | None, QueryParameter()] = None,
) -> Response[str]:
    """Who was shown which number in full, why and when: in the office and those below, or in the whole province."""
    rows, following = revealed(session, account_id=by, before=before)
    narrowed = f"by={by}&" if by else ""
    return render(
        request,
        session,
        "identity/reveals.html",
        rows=rows,
        names={office.id: office.name for office in offices(session)},
        labels={field.value: label for field, label in FIELD_LABELS.items()},
        about=_about(session, rows),
        by=by,
        next_address=f"/reveals?{narrowed}before={following}" if following else None,
        first_address=f"/reveals?{narrowed.rstrip('&')}" if before else None,
    )


def most_of(session: RevealingSession, platform: Platform) -> int:
    """The numbers that an officer of the office is shown in an hour."""
    return platform.offices.config(session.office_id).supervision.reveals_per_hour


def _why(data: dict[str, Any]) -> Why:
    try:
        ground = Ground(fields.text(data, "ground"))
    except ValueError:
        raise Invalid("ground_missing", "请选择查看完整号码的理由。", at="ground") from None
    return Why(ground, fields.text(data, "reason"))


def _about(session: RevealingSession, rows: Sequence[Reveal]) -> dict[UUID, tuple[str, str]]:
    """The subject of each reveal in words and its address; no address where the reader does not see the thing."""
    found = {row.subject_id: (_SUBJECTS[row.subject_type], "") for row in rows}
    cases = select(Application.id, Application.person_name).where(Application.id.in_(found))
    found |= {row.id: (row.person_name, f"/supervision/cases/{row.id}") for row in session.execute(cases)}
    forms = select(ManagerForm.id, ManagerForm.name, ManagerForm.office_id).where(ManagerForm.id.in_(found))
    own = session.office_id if isinstance(session, OfficeSession) else None
    for row in session.execute(forms):
        found[row.id] = (f"{row.name}（管理人员）", f"/manager-forms/{row.id}" if row.office_id == own else "")
    return found


def _of_case(
    request: AnyRequest,
    session: RevealingSession,
    platform: Platform,
    application_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
    shown: tuple[str, str] | None = None,
) -> Response[str]:
    case = applications.application(session, application_id)
    supervises = isinstance(session, ProvinceSession) or not REVIEWERS & session.actor.permissions
    return render(
        request,
        session,
        "identity/reveal.html",
        of_year=case.year,
        tried=tried,
        name=case.person_name,
        place=case.unit_name,
        address=f"/cases/{case.id}/number",
        back=f"/supervision/cases/{case.id}" if supervises else f"/desk/cases/{case.id}",
        back_to="案件",
        numbers=_NUMBERS,
        **_shared(session, platform, given, shown),
    )


def _of_form(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    form_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
    shown: tuple[str, str] | None = None,
) -> Response[str]:
    filed = managers.form_of_office(session, form_id)
    return render(
        request,
        session,
        "identity/reveal.html",
        tried=tried,
        name=filed.name,
        place="单位网上报名管理人员",
        address=f"/manager-forms/{filed.id}/number",
        back=f"/manager-forms/{filed.id}",
        back_to="登记表",
        numbers=[(PersonalField.PHONE.value, FIELD_LABELS[PersonalField.PHONE])],
        **_shared(session, platform, given, shown),
    )


def _shared(
    session: RevealingSession, platform: Platform, given: dict[str, Any] | None, shown: tuple[str, str] | None
) -> dict[str, Any]:
    return {
        "grounds": [(ground.value, ground.label) for ground in Ground],
        "most": most_of(session, platform),
        "given": Fields(given or {}),
        "shown": shown,
    }
