"""The application form on paper (申报表): for the applicant, the unit and the office; and the check of its code."""

from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.applications import form_steps
from core.pages.applications.own_application import choices
from core.platform import Platform
from core.plugin_api import Sex
from core.printing.pdf import PrintedPaper, pdf
from core.reviews.paper_form.editions import CODED, Edition, FormSession, Standing, check, edition_to_print
from core.scheduling.tickets.photos import printable
from core.tenancy.models import Office
from core.text.filters import day, minute
from core.web.dependencies import AnySession, OfOffice, OfPerson, OfUnit, ThePlatform
from core.web.guards import APPLICANTS, REVIEWERS, UNITS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, render
from core.web.routes import look, page

_HEADING = ("机关事业单位", "工勤技能岗位等级考核申报表")
_TITLE = "".join(_HEADING)
_NONE = "—"
STANDINGS = {
    Standing.LATEST: ("与平台现有内容一致", "done", "本表是最近一次提交的内容，姓名、身份证号和照片没有变更。"),
    Standing.SUBMITTED_AGAIN: (
        "已过期",
        "stopped",
        "此后申报又修改并重新提交，请打印最近一次提交的申报表，本表不再使用。",
    ),
    Standing.CORRECTED: ("已过期", "stopped", "此后姓名、身份证号、单位或照片已经更正，请重新打印，本表不再使用。"),
    Standing.ENDED: ("申报已终结", "stopped", "该申报已撤回、失效、未通过或被取消资格，本表不再使用。"),
    Standing.UNSEEN: (
        "由本平台生成",
        "plain",
        "本人、所在单位和受理机构登录后再次核对，可以看到是否为最近一次提交的内容。",
    ),
}


@look("/my/applications/{application_id:uuid}/paper-form", roles=APPLICANTS)
def own_form(session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID]) -> Response[bytes]:
    """The applicant's own form, as it was submitted last."""
    return _printed(session, platform, application_id)


@look("/unit/cases/{application_id:uuid}/paper-form", roles=UNITS)
def unit_form(session: OfUnit, platform: ThePlatform, application_id: FromPath[UUID]) -> Response[bytes]:
    """The same for the unit, which stamps it and keeps it in the personnel file."""
    return _printed(session, platform, application_id)


@look("/desk/cases/{application_id:uuid}/paper-form", roles=REVIEWERS)
def office_form(session: OfOffice, platform: ThePlatform, application_id: FromPath[UUID]) -> Response[bytes]:
    """The same for the office in charge."""
    return _printed(session, platform, application_id)


@page("/verify/form")
def verify_form_page(
    request: AnyRequest,
    session: AnySession,
    platform: ThePlatform,
    code: Annotated[str, QueryParameter(max_length=2000, description="申报表页脚二维码的内容。")] = "",
) -> Response[str]:
    """Which edition a form on paper prints, and for those who may see the case whether it is the latest."""
    asked = _bare(code)
    found = check(session, asked, public_keys=platform.paper_keys.public, keys=platform.keys) if asked else None
    return render(
        request,
        session,
        "reviews/verify_form.html",
        code=code,
        asked=bool(asked),
        found=found,
        coded=CODED,
        standing=None if found is None else STANDINGS[found.standing],
    )


def _bare(code: str) -> str:
    """The signed text of a code as scanned, with or without the address before it."""
    return code.strip().rpartition("code=")[2]


def _printed(session: FormSession, platform: Platform, application_id: UUID) -> Response[bytes]:
    made = edition_to_print(session, application_id, keys=platform.keys)
    content = pdf("application_form", _content(session, platform, made))
    return printed(PrintedPaper(content, f"申报表-{made.reference}-第{made.round}次提交.pdf"))


def _content(session: FormSession, platform: Platform, made: Edition) -> dict[str, Any]:
    """The texts of the form; every answer is written as the pages write it."""
    known = {**choices(session, platform, made.year), "awards": platform.rules[made.year].award_names}

    def told(item: str) -> str:
        value = made.form.get(item)
        return _NONE if value in (None, "", [], False) else form_steps.written(item, value, known)

    submitted = minute(made.received_at)
    province = platform.offices.catalogue.province.config
    address = province.awards.verification_address
    code = made.code(platform.paper_keys)
    return {
        "title": _TITLE,
        "heading": list(_HEADING),
        "footer": f"申报编号 {made.reference}　第{made.round}次提交　{submitted}",
        "digest": made.digest,
        "code": f"{address}/form?code={code}" if address else code,
        "year": made.year,
        "reference": made.reference,
        "round": made.round,
        "submitted": submitted,
        "name": made.name,
        "sex": {Sex.MALE: "男", Sex.FEMALE: "女"}[made.sex],
        "born": day(made.birth_date),
        "identity": made.identity,
        "education": told("education"),
        "category": told("staff_category"),
        "unit": made.unit,
        "department": made.department or _NONE,
        "first_job": f"{made.form['first_job_year']}年",
        "regularised": told("regularised_on"),
        "held": told("current_grade"),
        "held_trade": told("current_trade"),
        "held_since": f"{made.form['current_grade_year']}年" if made.form.get("current_grade_year") else _NONE,
        "appointed": "是" if made.form.get("appointed_to_grade_two") else "否",
        "grade": told("grade"),
        "trade": told("trade"),
        "path": told("path") if told("frontline") == _NONE else f"{told('path')}（{told('frontline')}）",
        "assessments": _assessments(made, known),
        "awards": told("awards"),
        "office": session.get_one(Office, made.office_id).name,
        "photo": list(_photo(platform, made)),
    }


def _assessments(made: Edition, known: dict[str, Any]) -> list[dict[str, Any]]:
    """The five years that the form asks for, the earliest first, empty where nothing was given."""
    given = {int(rated["year"]): rated for rated in made.form.get("assessments") or ()}
    results = dict(known["results"])
    return [
        {
            "year": year,
            "result": f"{results[given[year]['result']]}（{'已' if given[year].get('filed', True) else '未'}备案）"
            if year in given
            else _NONE,
        }
        for year in sorted(form_steps.assessed_years(made.year))
    ]


def _photo(platform: Platform, made: Edition) -> bytes:
    """The photo as a small JPEG; nothing where it is missing or cannot be read."""
    if made.photo is None:
        return b""
    with ThreadPoolExecutor(max_workers=1) as pool:
        found = printable([made.photo], store=platform.documents, keys=platform.keys, executor=pool)
    return found.get(made.application_id, b"")
