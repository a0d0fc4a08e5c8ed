"""A candidate's own results by pages: marks by subject, the outcome once published, and asking for a check."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody

from core.applications.form_steps import Fields
from core.applications.queries import application
from core.db.session import PersonSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.domain.pass_rules import STATUS_LABELS
from core.errors import Invalid, NotFound
from core.messages.deadlines import in_words
from core.pages.offered_files import offered_if_chosen
from core.pages.results.corrections import CHECK_TONES
from core.pages.results.strikings import TONES
from core.platform import Platform
from core.plugin_api import MarkStatus
from core.results.awards import striking
from core.results.awards.standing import standing_of_pass, strikings_about
from core.results.candidate.own_results import results_of
from core.results.corrections import score_checks
from core.results.corrections.score_checks import CHECK_LABELS, GROUND_LABELS, Ground, Remedy, is_contested, remedies
from core.results.models.corrections import ScoreCheck
from core.results.models.marks import Mark
from core.text import dates
from core.web.dependencies import OfPerson, ThePlatform
from core.web.guards import APPLICANTS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, form_with_file, page


@page("/my/applications/{application_id:uuid}/results", roles=APPLICANTS)
def results_page(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[str]:
    """My marks, my outcome, and my score checks."""
    return _results(request, session, platform, application_id)


@form_with_file("/my/applications/{application_id:uuid}/results/check", roles=APPLICANTS)
def ask_for_check(
    request: AnyRequest,
    session: OfPerson,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Ask for a check of one of my results, with a paper where I have one."""
    with attempt(request, session) as tried, offered_if_chosen(data, "request") as paper:
        rules = platform.offices.config(application(session, application_id).office_id).results
        subject, reason = str(data.get("subject") or ""), str(data.get("reason") or "")
        made = score_checks.ask_for_check(
            session, application_id, subject, ground=_ground(data), reason=reason, rules=rules
        )
        if paper is not None:
            attach(session, Subject.CHECK, made.id, paper, keeping=platform.keeping)
        return see(f"/my/applications/{application_id}/results#checks")
    return _results(request, session, platform, application_id, tried=tried, given=data)


@form("/my/applications/{application_id:uuid}/results/statement", roles=APPLICANTS)
def state(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, *, application_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Say something on the proposal to strike me off a list."""
    about = next(
        (found for found in strikings_about(session, application_id) if str(found.id) == data.get("striking")), None
    )
    with attempt(request, session) as tried:
        if about is None:
            raise NotFound("striking_unknown", "没有找到这件事项。请从“我的成绩”进入。")
        striking.state(session, about.id, words=str(data.get("words") or ""))
        return see(f"/my/applications/{application_id}/results")
    return _results(request, session, platform, application_id, tried=tried, given=data)


@form("/my/applications/{application_id:uuid}/results/restore", roles=APPLICANTS)
def ask_back(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, *, application_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Ask to be restored to the list that I was struck off."""
    with attempt(request, session) as tried:
        striking.ask_back(session, application_id, reason=str(data.get("back") or ""))
        return see(f"/my/applications/{application_id}/results")
    return _results(request, session, platform, application_id, tried=tried, given=data)


def _results(
    request: AnyRequest,
    session: PersonSession,
    platform: Platform,
    application_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    case, found = application(session, application_id), results_of(session, application_id)
    standing = None if found.outcome is None else standing_of_pass(session, found.outcome)
    rules = platform.offices.config(case.office_id).results
    of_subject = remedies(session, found.marks, rules)
    open_to_check = {
        subject: remedy.closes
        for subject, remedy in of_subject.items()
        if session.now < remedy.closes and not is_contested(found.checks, subject, remedy)
    }
    return render(
        request,
        session,
        "results/mine.html",
        of_year=case.year,
        tried=tried,
        application=case,
        found=found,
        pass_mark=rules.pass_mark,
        statuses={status.value: text for status, text in STATUS_LABELS.items()},
        scored=MarkStatus.SCORED.value,
        open_subjects=[(subject, f"{subject}（至{in_words(end)}24时）") for subject, end in open_to_check.items()],
        periods={
            mark.subject: _period(mark, of_subject[mark.subject], found.checks, now=session.now)
            for mark in found.marks
            if mark.subject in of_subject
        },
        told_with_list=rules.marks_told == "published",
        standing=standing,
        **_struck(session, application_id, is_struck=standing is not None and standing.struck),
        grounds=[(ground.value, text) for ground, text in GROUND_LABELS.items()],
        ground_labels={ground.value: text for ground, text in GROUND_LABELS.items()},
        check_labels=CHECK_LABELS,
        files=files_of(session, Subject.CHECK, [check.id for check in found.checks]),
        limits=limits_of(platform.offices.config(case.office_id)),
        tones=CHECK_TONES,
        given=Fields(given or {}),
    )


def _struck(session: PersonSession, application_id: UUID, *, is_struck: bool) -> dict[str, Any]:
    """What was proposed and decided about my place on a list, and what I can do about it."""
    found = strikings_about(session, application_id)
    waits = next((one for one in found if one.state == "proposed"), None)
    is_heard = waits is None or waits.heard_until is None or session.now >= waits.heard_until
    return {
        "strikings": found,
        "may_state": None if waits is None or is_heard else waits.id,
        "may_ask_back": waits is None and is_struck,
        "striking_kinds": striking.KIND_LABELS,
        "striking_states": striking.STATE_LABELS,
        "striking_tones": TONES,
    }


def _period(mark: Mark, remedy: Remedy, checks: Sequence[ScoreCheck], *, now: datetime) -> str:
    """Until when a mark can be checked, or why not any more."""
    until = f"{in_words(remedy.closes)}24时"
    if now >= remedy.closes:
        told = "更正或复查的决定" if remedy.correction_id else "成绩"
        since = "" if remedy.correction_id or mark.told_at is None else f"于{dates.day(mark.told_at)}"
        return f"不能再申请：{told}{since}告知您，申请复查的期限已于{until}届满"
    if is_contested(checks, mark.subject, remedy):
        return "已申请复查，见下"
    return f"可在{until}前申请复查"


def _ground(data: Mapping[str, Any]) -> Ground:
    try:
        return Ground(str(data.get("ground") or ""))
    except ValueError:
        raise Invalid("ground_missing", "请选择申请复查的事由。", at="ground") from None
