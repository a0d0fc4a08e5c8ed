"""Score checks (复查) and corrections of marks (成绩更正) by pages."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody

from core.applications.form_steps import Fields
from core.db.session import OfficeSession, Permission
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.pages.offered_files import offered_if_chosen
from core.pages.results.marks import STATUSES, _all_subjects, _case, _corrected, may
from core.pages.season import season_asked
from core.platform import Platform
from core.results.corrections import score_checks, service as corrections
from core.results.corrections.score_checks import CHECK_LABELS, GROUND_LABELS
from core.results.models.corrections import MarkCorrection
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import EXAM_WATCHERS, EXAMINERS, SUPERVISORS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, form_with_file, page

CORRECTION_STATES = {"asked": ("等待决定", "waits"), "granted": ("已更正", "done"), "refused": ("不予更正", "stopped")}
CHECK_TONES = {"open": "waits", "upheld": "stopped", "dismissed": "done"}


@page("/marks/checks", roles=EXAM_WATCHERS)
def checks_page(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[str]:
    """The score checks of the office, with the due dates of the answers."""
    return _checks(request, session, platform)


@form_with_file("/marks/checks/{check_id:uuid}", roles=EXAMINERS)
def answer_check(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    check_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Answer that a result is right, or that it is wrong, with the new mark and the evidence."""
    answer = str(data.get("answer") or "")
    with attempt(request, session) as tried, offered_if_chosen(data, "evidence") as found:
        if found is not None:
            attach(session, Subject.CHECK, check_id, found, keeping=platform.keeping)
        if data.get("verdict") == "upheld":
            evidence = str(data.get("evidence") or "")
            score_checks.uphold_check(session, check_id, _corrected(data), answer=answer, evidence=evidence)
        else:
            score_checks.dismiss_check(session, check_id, answer=answer)
        return see("/marks/checks")
    return _checks(request, session, platform, tried=tried, answered=check_id, given=data)


@page("/marks/corrections", roles=EXAM_WATCHERS)
def corrections_page(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[str]:
    """Corrections that wait for a decision, and those decided."""
    return _corrections(request, session, platform)


@form_with_file("/marks/corrections", roles=EXAMINERS)
def ask_for_correction(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """Ask for a correction of a mark, with its evidence."""
    with attempt(request, session) as tried, offered_if_chosen(data, "evidence") as evidence:
        made = corrections.ask_for_correction(
            session,
            _case(session, str(data.get("reference") or "")),
            str(data.get("subject") or ""),
            _corrected(data),
            reason=str(data.get("reason") or ""),
            evidence=str(data.get("evidence") or ""),
        )
        if evidence is not None:
            attach(session, Subject.CORRECTION, made.id, evidence, keeping=platform.keeping)
        return see("/marks/corrections")
    return _corrections(request, session, platform, tried=tried, given=data)


@form("/marks/corrections/{correction_id:uuid}", roles=SUPERVISORS)
def decide_correction(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, correction_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Grant a correction, or refuse it."""
    remark = str(data.get("remark") or "")
    with attempt(request, session) as tried:
        if data.get("verdict") == "granted":
            corrections.grant_correction(session, correction_id, offices=platform.offices, remark=remark)
        else:
            corrections.refuse_correction(session, correction_id, offices=platform.offices, remark=remark)
        return see("/marks/corrections")
    return _corrections(request, session, platform, tried=tried)


def _checks(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    *,
    tried: Attempt | None = None,
    answered: UUID | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    checks = score_checks.checks(session, season_asked(request, session).year)
    return render(
        request,
        session,
        "results/checks.html",
        tried=tried,
        checks=checks,
        files=files_of(session, Subject.CHECK, [check.id for check, _ in checks]),
        limits=limits_of(platform.offices.config(session.office_id)),
        labels=CHECK_LABELS,
        tones=CHECK_TONES,
        grounds={ground.value: text for ground, text in GROUND_LABELS.items()},
        statuses=STATUSES,
        answered=answered,
        blank=Fields(),
        given=Fields(given or {}),
        **may(session),
    )


def _corrections(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    year = season_asked(request, session).year
    asked = corrections.corrections(session, year)
    return render(
        request,
        session,
        "results/corrections.html",
        tried=tried,
        corrections=asked,
        files=files_of(session, Subject.CORRECTION, [correction.id for correction, _ in asked]),
        check_files=files_of(session, Subject.CHECK, [made.score_check_id for made, _ in asked if made.score_check_id]),
        limits=limits_of(platform.offices.config(session.office_id)),
        states=CORRECTION_STATES,
        words=corrections.in_words,
        foreseen=_foreseen(session, platform, [correction for correction, _ in asked]),
        subjects=[(subject, subject) for subject in _all_subjects(session, year)],
        statuses=STATUSES,
        given=Fields(given or {}),
        **may(session),
    )


def _foreseen(session: OfficeSession, platform: Platform, asked: Sequence[MarkCorrection]) -> dict[UUID, str]:
    """What granting each waiting correction would cause, for those who may decide."""
    if Permission.SUPERVISE not in session.actor.may_change:
        return {}
    waiting = [correction.id for correction in asked if correction.state == "asked"]
    return {
        correction_id: corrections.foretell_grant(session, correction_id, offices=platform.offices)
        for correction_id in waiting
    }
