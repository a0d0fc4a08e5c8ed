"""Acts that must be refused, tried on purpose: each kind once, and counted."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from core.applications import service as applications
from core.applications.editions import edition_of
from core.applications.forms import ApplicationDraft
from core.applications.queries import application, story
from core.db.session import Actor, Role, SignInSession
from core.domain.workflow import State
from core.identity.service import claim_person
from core.plugin_api import ExamCalendar, OfficeCode, Window, WindowKind
from core.reviews import service as reviews
from core.reviews.decisions.items import ItemVerdict, each_item
from core.reviews.submission import submit as submit_again
from core.seasons.queries import frame_now
from core.seasons.service import let_in_late, propose_calendar
from core.simulate.cases import Case
from core.simulate.office_acts import late_entry_days
from core.simulate.world import World


def plan(world: World, cases: list[Case], *, all_kinds: bool) -> None:
    """Put every refusal on the agenda, on cases with scripts that it does not disturb."""
    plain = [case for case in cases if not case.turns]
    for case in cases:
        if "let_in_late" in case.turns:
            world.at(world.day(4, 7, 9.1), partial(_late, world, case))
    if not all_kinds:
        return
    for case in [case for case in cases if "disqualify" in case.turns][:1]:
        _refuse_the_banned(case)
    for case in plain[:20]:
        _refuse_the_same_officer(case)
    if plain:
        _around(plain[0])
    world.at(world.day(3, 22, 9), partial(world.refused, "identity_number_checksum", partial(_broken_number, world)))
    world.at(world.day(3, 26, 9), partial(_dates_outside, world))


def _around(case: Case) -> None:
    """Wrap the acts of one plain case with every act that must be refused at that moment."""
    world = case.world
    submit, at_unit, at_office = case.submit, case.review_at_unit, case.review_at_office

    def submit_with_refusals() -> None:
        good = dict(case.person.answers)
        _save(case, {**good, "education": None})
        world.refused("form_incomplete", partial(_submit, case))
        _save(case, {**good, "trade": "HN-999"})
        world.refused("not_eligible", partial(_submit, case))
        _save(case, good)
        submit()
        world.refused("second_application", partial(apply_again, case))
        world.refused("not_editable", partial(_save, case, good))
        world.refused("wrong_state", partial(_submit, case))

    def at_unit_with_refusals() -> None:
        other = next(unit for unit in world.units if unit.local_office != case.unit.local_office)
        world.refused("no_such_application", partial(_approve_at_unit, case, other.manager))
        world.refused("faulty_items", partial(_approve_with_a_fault, case))
        world.refused("nothing_to_correct", partial(_return_nothing, case))
        world.refused("reason_required", partial(_reject_without_reason, case))
        world.refused("own_case", partial(_approve_own, case))
        seen = _version(case)
        at_unit()
        world.refused("changed", partial(_approve_at_unit, case, case.unit.manager, seen))

    def at_office_with_refusals() -> None:
        world.refused("not_in_charge", partial(_decide_as_unit, case))
        elsewhere = next(code for code in world.codes() if code not in {case.in_charge(), case.unit.office})
        if elsewhere != world.province:
            world.refused("no_such_application", partial(_approve_at_office, case, elsewhere))
        at_office()

    _replace(case, submit=submit_with_refusals, review_at_unit=at_unit_with_refusals)
    _replace(case, review_at_office=at_office_with_refusals)


def _refuse_the_same_officer(case: Case) -> None:
    """The officer who passed a case online cannot confirm it on site."""
    onsite, world = case.review_onsite, case.world

    def onsite_with_refusal() -> None:
        office = case.in_charge()
        if _decided_online(case) == world.staff[OfficeCode(office)]["online"].account_id:
            world.refused("two_stages", partial(_confirm, case, office))
        onsite()

    _replace(case, review_onsite=onsite_with_refusal)


def _refuse_the_banned(case: Case) -> None:
    """A person disqualified for false material cannot apply again, here or elsewhere."""
    bar = case.bar

    def bar_and_refuse(found: UUID) -> None:
        bar(found)
        case.world.refused("banned", partial(apply_again, case))

    _replace(case, bar=bar_and_refuse)


def _decided_online(case: Case) -> UUID | None:
    with case.world.center() as session:
        passed = [move for move in story(session, case.case_id) if move.from_state == State.QUALIFICATION_REVIEW]
        return passed[-1].account_id if passed else None


def apply_again(case: Case) -> None:
    """Draft and submit another application of the same person in one transaction, of which a refusal leaves nothing."""
    with case.as_person() as session:
        first = application(session, case.case_id)
        draft = ApplicationDraft.model_validate(dict(case.person.answers))
        applicant = applications.Applicant(first.person_id, first.person_name, first.id_tail)
        again = applications.open_draft(session, applicant, year=first.year, unit_id=first.unit_id, draft=draft)
        platform = case.world.platform
        submit_again(session, again.id, offices=platform.offices, rules=platform.rules[first.year])


def _approve_own(case: Case) -> None:
    """The unit's manager is the applicant."""
    assert case.actor is not None  # noqa: S101 - an applicant has signed in
    _approve_at_unit(case, replace(case.unit.manager, person_id=case.actor.person_id))


def _replace(case: Case, **acts: Callable[..., None]) -> None:
    for name, act in acts.items():
        setattr(case, name, act)


def _save(case: Case, answers: dict[str, Any]) -> None:
    with case.as_person() as session:
        seen = edition_of(application(session, case.case_id))
        applications.save_draft(session, case.case_id, ApplicationDraft.model_validate(answers), edition=seen)


def _submit(case: Case) -> None:
    with case.as_person() as session:
        case.submit_in(session)


def _approve_at_unit(case: Case, manager: Actor, version: int | None = None) -> None:
    with case.world.unit(manager) as session:
        reviews.approve(
            session, case.case_id, offices=case.offices, items=each_item(session, case.case_id), version=version
        )


def _approve_with_a_fault(case: Case) -> None:
    with case.world.unit(case.unit.manager) as session:
        fault = [ItemVerdict("education", faulty=True, reason_code="unreadable")]
        reviews.approve(session, case.case_id, offices=case.offices, items=fault)


def _return_nothing(case: Case) -> None:
    with case.world.unit(case.unit.manager) as session:
        reviews.return_for_correction(session, case.case_id, offices=case.offices, reason="请修改", items=[])


def _reject_without_reason(case: Case) -> None:
    with case.world.unit(case.unit.manager) as session:
        reviews.reject(session, case.case_id, offices=case.offices, reason="  ")


def _decide_as_unit(case: Case) -> None:
    with case.world.unit(case.unit.manager) as session:
        reviews.approve(session, case.case_id, offices=case.offices, items=each_item(session, case.case_id))


def _approve_at_office(case: Case, office: str) -> None:
    with case.world.office(office) as session:
        reviews.approve(session, case.case_id, offices=case.offices, items=each_item(session, case.case_id))


def _confirm(case: Case, office: str) -> None:
    with case.world.office(office, "online") as session:
        reviews.confirm(session, case.case_id, offices=case.offices, items=each_item(session, case.case_id))


def _version(case: Case) -> int:
    with case.world.unit(case.unit.manager) as session:
        return application(session, case.case_id).version


def _late(world: World, case: Case) -> None:
    """Refused after the window has closed, then let in late by the office, with a reason and one window."""
    assert case.actor is not None  # noqa: S101 - registered at nine
    world.refused("outside_window", partial(_submit, case))
    opens, closes = late_entry_days(world)
    with world.office(case.unit.office, "supervisor") as session:
        let_in_late(
            session,
            year=world.year,
            person_id=case.actor.person_id,  # type: ignore[arg-type]
            reason="住院期间未能申报，单位已出具证明",
            opens=max(opens, world.clock()),
            closes=closes,
        )


def _broken_number(world: World) -> None:
    nobody = Actor(world.staff[world.province]["center"].account_id, "注册", Role.APPLICANT)
    engine = world.platform.engine
    with SignInSession(engine, actor=nobody, now=world.clock()) as session, session.begin():
        claim_person(session, id_number="410100199001010000", name="测试错号", phone=None, keys=world.platform.keys)


def _dates_outside(world: World) -> None:
    """A city proposes an exam after the province's frame ends."""
    city = world.codes()[1]

    def propose() -> None:
        with world.office(city, "supervisor") as session:
            frame: ExamCalendar = frame_now(session, city, world.year)
            opens, closes = world.day(10, 12), world.day(10, 13)
            window = Window(WindowKind.COMPUTER_EXAM, opens, closes, frame.window(WindowKind.COMPUTER_EXAM).grades)  # type: ignore[union-attr]
            propose_calendar(session, world.year, [window], frame=frame, source="act")

    world.refused("outside_frame", propose)
