"""Acts of applicant and unit on an application, except to submit it: draft, edit, withdraw, supplement, commit.

Submitting judges the case and finds its desk; it needs delegations and calendars, so it is in
``core.reviews.submission``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from stdnum import luhn

from core.applications import editions, forms, trades
from core.applications.bans import check_not_banned
from core.applications.forms import ApplicationDraft
from core.applications.initials import initials
from core.applications.models import Application, Deferral
from core.applications.moves import Step, move, open_for_change
from core.applications.queries import deferrals, pinned_requirements
from core.applications.waiting_drafts import Closings, tell_of_draft
from core.audit import service as audit
from core.clock import SHANGHAI, last_day
from core.db.base import new_id
from core.db.session import PersonSession, UnitSession
from core.documents.models import Document
from core.domain import identity_number
from core.domain.calendar import verdict_due
from core.domain.workflow import NOT_LIVE, STATE_LABELS, Action, State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity.models import Person
from core.identity.service import claim
from core.organizations.models import Unit
from core.plugin_api import Grade, ReviewStage
from core.seasons.queries import check_takes_in, exam_begins
from core.security.keys import KeyProvider
from core.tenancy.config.office import Trade
from core.tenancy.offices import Offices
from core.text import dates

_EDITABLE = frozenset({State.DRAFT, State.RETURNED})


@dataclass(frozen=True, slots=True)
class Applicant:
    """The person of a draft: the id, and the name and last four characters that lists show."""

    person_id: UUID
    name: str
    id_tail: str


@dataclass(frozen=True, slots=True)
class Named:
    """A person as named by a unit: name and number of the identity card, and a mobile number where known."""

    name: str
    id_number: str = field(repr=False)
    phone: str | None = field(default=None, repr=False)


def open_draft(
    session: PersonSession | UnitSession, applicant: Applicant, *, year: int, unit_id: UUID, draft: ApplicationDraft
) -> Application:
    """Begin an application in ``unit_id``, whose office will own the case. Source: 2024 notice §2(3).

    A unit may begin it for its person; the person submits it. Raises as ``check_not_banned`` does.
    """
    check_takes_in(session, year)
    check_not_banned(session, applicant.person_id)
    unit = session.get(Unit, unit_id)
    if unit is None or unit.ended_at is not None:
        raise NotFound("no_such_unit", "没有找到这个单位，或单位已撤并。请在单位名录中重新选择。")
    application = Application(
        id=new_id(),
        reference=_next_reference(session, year),
        year=year,
        office_id=unit.office_id,
        handler_office_id=unit.office_id,
        local_office_id=unit.local_office_id,
        person_id=applicant.person_id,
        unit_id=unit.id,
        department_id=unit.parent_id,
        person_name=applicant.name,
        initials=initials(applicant.name),
        id_tail=applicant.id_tail,
        unit_name=unit.name,
        state=State.DRAFT.value,
        version=0,
        round=0,
        form={},
        route=[],
        desks={},
        created_at=session.now,
        created_by=session.actor.account_id,
    )
    _fill(application, draft)
    session.add(application)
    session.flush()
    audit.record_on(session, application, "application.drafted", unit=str(unit.id))
    return application


def open_draft_for(
    session: UnitSession, named: Named, *, year: int, unit_id: UUID, draft: ApplicationDraft, keys: KeyProvider
) -> Application:
    """Begin an application for one of the unit's people, who is registered if need be, and tell them; they submit it.

    Raises Invalid for an identity number that cannot be, and Conflict for another name than the registered one, or
    where the person has an application of this season in the session's units already.
    """
    if unit_id not in session.unit_ids:
        raise Forbidden("unit_of_another", "只能为本单位及下属单位的人员代为填写。请重新选择单位。")
    applicant = claim_applicant(session, named, keys=keys)
    there = application_of(session, applicant.person_id, year)
    if there is not None:
        raise applied_already(there)
    application = open_draft(session, applicant, year=year, unit_id=unit_id, draft=draft)
    tell_of_draft(session, application, Closings(session, year))
    return application


def claim_applicant(session: UnitSession, named: Named, *, keys: KeyProvider) -> Applicant:
    """The person whom a unit names, registered if need be. Raises as ``identity.service.claim`` does."""
    number = identity_number.parse(named.id_number, today=session.now.astimezone(SHANGHAI).date())
    claimed = claim(session, id_number=number.value, name=named.name, phone=named.phone, keys=keys)
    return Applicant(claimed.id, claimed.name, number.value[-4:])


def applied_already(there: Application) -> Conflict:
    """The refusal of a second application, which names the first."""
    label = STATE_LABELS[State(there.state)]
    message = f"本年度已有申报（编号{there.reference}，{label}），每人每年只能申报一个。如需更改，请打开已有的申报。"
    return Conflict("applied_already", message, at="id_number")


def application_of(session: UnitSession, person_id: UUID, year: int) -> Application | None:
    """A person's application of a season in the session's units, unless it has ended; None where there is none."""
    return session.scalars(
        select(Application)
        .where(Application.person_id == person_id, Application.year == year)
        .where(Application.state.not_in(NOT_LIVE - {State.DRAFT}))
        .order_by(Application.id.desc())
        .limit(1)
    ).first()


def save_draft(
    session: PersonSession | UnitSession, application_id: UUID, draft: ApplicationDraft, *, edition: str
) -> Application:
    """Replace the form, of which the asker saw ``edition``.

    After a return only the items that the reviewer found faulty are unlocked. Conflict, code ``form_changed``, where
    the form has been saved or moved since then and this would change it: older answers never come back unseen.
    """
    application = _open_for_answers(session, application_id)
    _replace(session, application, draft, seen=edition == editions.edition_of(application))
    return application


def fill_in(
    session: PersonSession | UnitSession,
    application_id: UUID,
    answers: Mapping[str, Any],
    *,
    edition: str,
    known_trades: Collection[Trade],
) -> tuple[Application, dict[str, str]]:
    """Save some answers of the form as given, and return a message for each wrong one.

    An unreadable answer is left as it was; every other one is kept, impossible ones too, so that the asker may correct
    it later. None takes an answer away. ``edition`` is the one of these answers that the asker saw; other answers may
    have changed since. A trade is given by its code or name. Raises as ``save_draft`` does.
    """
    application = _open_for_answers(session, application_id)
    seen = edition == editions.edition_of(application, answers)
    kept = dict(application.form)
    unreadable: dict[str, str] = {}
    for name, value in answers.items():
        try:
            read = trades.read_answer(name, value, known_trades)
            forms.read_draft({name: read})
        except Invalid as fault:
            unreadable |= fault.fields
        else:
            kept[name] = read
    draft = forms.read_draft(kept)
    _replace(session, application, draft, seen=seen)
    person = session.get(Person, application.person_id)
    found = forms.faults(draft, year=application.year, birth_date=None if person is None else person.birth_date)
    return application, {name: text for name, text in {**found, **unreadable}.items() if name in answers}


def declare(session: PersonSession, application_id: UUID, answers: Mapping[str, Any], *, edition: str) -> Application:
    """Save the declaration and acknowledgements for the form in ``edition``, the one that the asker read.

    Raises as ``save_draft`` does, also where an older form would lead to the same one.
    """
    application = _open_for_answers(session, application_id)
    if edition != editions.edition_of(application):
        raise editions.stale()
    _replace(session, application, forms.read_draft({**application.form, **answers}), seen=True)
    return application


def withdraw(
    session: PersonSession, application_id: UUID, *, offices: Offices | None = None, version: int | None = None
) -> Application:
    """Take the application back, at any time before it is qualified."""
    application = open_for_change(session, application_id, version=version)
    move(session, application, Step(Action.WITHDRAW), offices=offices)
    return application


def commit_to_deferral(
    session: UnitSession,
    application_id: UUID,
    *,
    material: str,
    commitment: str,
    due_at: datetime,
    exam_begins: datetime,
) -> Deferral:
    """The unit commits to supply a paper before the exam (承诺制、容缺后补). Source: 2024 notice §2(4).

    Only for a paper that the pinned requirements call deferrable, and due before the exam begins.
    """
    application = open_for_change(session, application_id)
    if application.state not in {State.UNIT_REVIEW, State.DEPARTMENT_REVIEW}:
        raise Conflict("not_at_the_unit", "只有在单位或主管部门审核期间才能作出容缺承诺。")
    if material not in _deferrable(session, application):
        raise Invalid(
            "not_deferrable", "该材料不在容缺后补范围内，请申报人补齐后再审核。", fields={"material": material}
        )
    if not commitment.strip():
        raise Invalid("commitment_required", "请写明承诺内容。", fields={"commitment": "请填写承诺内容"})
    if not session.now < due_at <= exam_begins:
        raise Invalid(
            "deferral_due",
            f"补交期限须晚于现在，且不晚于考试开始前的{dates.day(last_day(exam_begins))}。请重新填写期限。",
            fields={"due_at": "请改到考试开始之前"},
        )
    _check_not_committed(session, application, material)
    deferral = Deferral(
        id=new_id(),
        application_id=application.id,
        material=material,
        commitment=commitment.strip(),
        committed_by=session.actor.account_id,
        committed_at=session.now,
        due_at=due_at,
        state="open",
    )
    session.add(deferral)
    session.flush()
    application.deferral_open = True
    session.flush()
    audit.record_on(
        session, application, "deferral.committed", deferral=str(deferral.id), material=material, due=due_at.isoformat()
    )
    return deferral


def _check_not_committed(session: UnitSession, application: Application, material: str) -> None:
    """Conflict where the paper was committed to before: one commitment for a paper, which ends for good."""
    wanted = select(Deferral).where(Deferral.application_id == application.id, Deferral.material == material)
    before = session.scalar(wanted)
    if before is None:
        return
    if before.state in {"open", "supplemented"}:
        message = f"该材料已经作出容缺承诺，补交期限为{dates.day(last_day(before.due_at))}，不需要再次承诺。"
        raise Conflict("committed_already", message)
    raise Conflict("deferral_ended", "该材料的容缺承诺已经终结，不能再次承诺。请申报人补齐该材料后再审核。")


def supplement(
    session: PersonSession | UnitSession,
    application_id: UUID,
    *,
    material: str,
    document_id: UUID,
    offices: Offices | None = None,
) -> Application:
    """Supply a deferred paper before its due date. The office in charge then clears it.

    With the last one in, the case is due at the office, in time before the exam (``review.verdict_days_before_exam``).
    """
    application = open_for_change(session, application_id)
    deferral = session.scalar(
        select(Deferral).where(Deferral.application_id == application.id, Deferral.material == material)
    )
    if deferral is None or deferral.state not in {"open", "supplemented"}:
        raise NotFound("no_such_deferral", "这份申请没有待补交的该项材料。请核对材料名称。")
    if session.now >= deferral.due_at:
        raise Conflict("deferral_over", f"补交期限已于{dates.day(last_day(deferral.due_at))}截止，不能再补交。")
    document = session.get(Document, document_id)
    if document is None or document.application_id != application.id or document.material != material:
        raise NotFound("no_such_document", "没有找到为该项材料上传的文件。请先上传，再补交。")
    deferral.document_id = document.id
    deferral.supplemented_at = session.now
    deferral.state = "supplemented"
    due_at = application.due_at if offices is None else _verdict_due(session, application, offices)
    move(session, application, Step(Action.SUPPLEMENT, due_at=due_at), offices=offices)
    return application


def _open_for_answers(session: PersonSession | UnitSession, application_id: UUID) -> Application:
    """The application, locked, where its form may still be changed."""
    application = open_for_change(session, application_id)
    if application.state not in _EDITABLE:
        raise Conflict("not_editable", "申请已提交，不能修改。如需修改，请先撤回或等待审核人员退回。")
    return application


def _replace(
    session: PersonSession | UnitSession, application: Application, draft: ApplicationDraft, *, seen: bool
) -> None:
    """Replace the form. A save that saw an older edition is taken only where it changes nothing."""
    if not seen and draft != forms.read_draft(application.form):
        raise editions.stale()
    _check_unlocked(application, draft)
    _fill(application, draft)
    session.flush()


def _fill(application: Application, draft: ApplicationDraft) -> None:
    application.form = draft.model_dump(mode="json", exclude_none=True)
    application.grade = None if draft.grade is None else int(draft.grade)
    application.trade = draft.trade
    application.path = None if draft.path is None else draft.path.value


def _check_unlocked(application: Application, draft: ApplicationDraft) -> None:
    if application.unlocked_items is None:
        return
    new: Mapping[str, Any] = draft.model_dump(mode="json", exclude_none=True)
    old = application.form
    touched = {name for name in {*new, *old} if new.get(name) != old.get(name)}
    locked = sorted(touched - set(application.unlocked_items) - {"declared_true", "acknowledgements"})
    if locked:
        raise Invalid(
            "items_locked",
            "退回修改时只能更改审核人员指出的项目，其他项目已锁定。请恢复原内容后再保存。",
            fields=dict.fromkeys(locked, "此项未被退回，不能修改"),
        )


def _verdict_due(session: PersonSession | UnitSession, application: Application, offices: Offices) -> datetime | None:
    """When the office should decide; while another paper is open, the case waits for that one."""
    if any(deferral.state == "open" for deferral in deferrals(session, application.id)):
        return application.due_at
    grade = Grade(application.grade or Grade.FIVE)
    review = offices.config(application.local_office_id).review
    return verdict_due(
        session.now,
        review.due_days.of(ReviewStage.QUALIFICATION_REVIEW),
        exam_begins=exam_begins(session, application.local_office_id, application.year, grade),
        days_before_exam=review.verdict_days_before_exam,
    )


def _deferrable(session: UnitSession, application: Application) -> set[str]:
    return {
        requirement["code"] for requirement in pinned_requirements(session, application) if requirement["deferrable"]
    }


def _next_reference(session: PersonSession | UnitSession, year: int) -> str:
    """The year, seven digits counted over the whole province, and a check digit (Luhn) against slips of the pen."""
    number = session.scalar(select(func.nextval("application_numbers")))
    digits = f"{year}{number:07d}"
    return digits + luhn.calc_check_digit(digits)
