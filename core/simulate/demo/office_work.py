"""Work of offices and units in the demonstration: on-site times and batches, samples, deputies, kept papers."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256
from io import BytesIO
from typing import Final
from uuid import UUID

from sqlalchemy import select

from core.applications import service as applications
from core.applications.forms import ApplicationDraft
from core.applications.reveals import reveal
from core.applications.service import Named
from core.clock import SHANGHAI
from core.db.session import Role, SignInSession, system_actor
from core.delegation import supervision
from core.delegation.models import Delegation
from core.documents.attachment_subjects import Subject
from core.documents.attachments import Offered, attach
from core.domain.workflow import State
from core.identity import deputies
from core.identity.deputies import Leave
from core.identity.models import RoleGrant
from core.identity.registration import service as registration
from core.identity.reveals import Ground, PersonalField, Why
from core.identity.sign_in.attempts import Sender
from core.organizations import unit_acts
from core.plugin_api import Grade, OfficeCode, StaffCategory
from core.responsibility import plans
from core.responsibility.plan_content import Emergency, Occasion, PlanContent
from core.responsibility.ranks import Rank
from core.responsibility.service import name_responsible
from core.reviews import onsite, originals, rosters
from core.reviews.onsite_day import slots
from core.reviews.onsite_day.slots import Time
from core.reviews.owed import reminders
from core.reviews.rosters import RosterKind
from core.scheduling.emergencies.kinds import EmergencyKind, Severity
from core.scheduling.emergencies.service import EmergencyForm, report_emergency
from core.scheduling.exam_day import door, safekeeping
from core.scheduling.exam_day.door import IncidentForm, IncidentKind
from core.scheduling.exam_day.safekeeping import CustodyForm, Kept
from core.seasons.posts import state_posts
from core.simulate.demo.crowd import Crowd
from core.simulate.demo.tables import order_tables
from core.simulate.people import invent
from core.simulate.practice import reset
from core.simulate.scans import scan
from core.simulate.staffing import open_account
from core.simulate.world import World

_TO_PRACTISE: Final = 5
_LATER: Final = timedelta(hours=5)
_NEW: Final = 1_000_002
"""The index of the first invented person who is in the second season without a case of their own making."""


def do_all(world: World, crowd: Crowd, *, city: OfficeCode, county: OfficeCode, on_site: OfficeCode) -> None:
    """Put the acts of the last evening on the agenda."""
    acts: tuple[Callable[[World], None], ...] = (
        _engage,
        partial(_meet, crowd, on_site),
        partial(_sample, city, county),
        partial(_leave, city),
        partial(_look_up, crowd, city),
        partial(_rename, city),
        partial(_run_unit, crowd, city),
        _register,
        partial(order_tables, crowd, city),
    )
    for minute, act in enumerate(acts):
        world.at(world.day(4, 1, 19) + timedelta(minutes=minute), partial(act, world))


def keep_papers(world: World, office: OfficeCode, sits: datetime) -> None:
    """After a sitting its papers are kept safe; something has happened during it."""
    with world.office(office, "examiner") as session:
        kept = CustodyForm(
            Kept.PAPER, "4月1日签到表和考场情况记录", "模拟保管员", "模拟档案室", date(world.year, 12, 31)
        )
        safekeeping.take_into_custody(session, world.year, kept)
        facts = "一台机器死机，换用备用机，考生续考（模拟）"
        form = IncidentForm(IncidentKind.EQUIPMENT, facts, sits, UUID(int=world.year))
        door.report_incident(session, world.year, form)
        cut = EmergencyForm(
            EmergencyKind.POWER,
            Severity.COMMON,
            "第2考场停电10分钟，考生原地等候，恢复后续考（模拟）",
            sits,
            UUID(int=world.year + 1),
            measures="启用备用电源（模拟）",
        )
        report_emergency(session, world.year, cut)


def practise(world: World, office: OfficeCode) -> None:
    """A newcomer has made-up people to practise on."""
    world.staff[office] = {}
    open_account(world, office, "online", Role.CITY_REVIEWER)
    reset(world.platform, office, people=_TO_PRACTISE)


def _engage(world: World) -> None:
    """Somebody of the center who has no part in a season."""
    open_account(world, world.province, "operator", Role.OPERATOR)


def _meet(crowd: Crowd, office: OfficeCode, world: World) -> None:
    """Times for units; one batch is received with an original to give back, another waits to be received."""
    day = datetime(world.year, 4, 3, 9, tzinfo=SHANGHAI)
    times = [Time(begins, begins + timedelta(hours=2), "模拟服务大厅3号窗口", 5) for begins in (day, day + _LATER)]
    with world.office(office, "onsite") as session:
        made = [slots.offer(session, world.year, time) for time in times]
    cases = [case for case in crowd.cases if case.unit.local_office == office]
    waiting = [case for case in cases if case.waits is State.ONSITE_CONFIRMATION]
    units = {case.unit.id: case.unit for case in waiting}
    for number, unit in enumerate(units.values()):
        with world.unit(unit.manager) as session:
            slots.choose(session, made[-1].id)
            roster = rosters.make_roster(session, RosterKind.ONSITE, world.year)
            batch = onsite.hand_in_batch(
                session, roster.id, stamped_scan_sha256=sha256(scan("roster")).hexdigest(), office_id=office
            )
        if number == 0:
            with world.office(office, "onsite") as session:
                onsite.receive_batch(session, batch.id)
                for case in waiting:
                    if case.unit is unit:
                        originals.receive_original(session, case.case_id, title="学历证书", received_from="模拟经办人")


def _sample(city: OfficeCode, county: OfficeCode, world: World) -> None:
    """The city looks at two decisions of its county again."""
    with world.office(city, "supervisor") as session:
        held = select(Delegation.id).where(Delegation.to_office_id == county, Delegation.state == "in_force")
        delegation = session.scalars(held).first()
        assert delegation is not None  # noqa: S101 - the county reviews by it
        supervision.draw_sample(session, delegation, percent=1, minimum=2, seed=1, year=world.year)


def _leave(city: OfficeCode, world: World) -> None:
    """A reviewer is away next week, and a colleague acts for them."""
    holder = world.staff[city]["online"]
    with world.office(city) as session:
        grant = session.scalars(select(RoleGrant.id).where(RoleGrant.account_id == holder.account_id)).one()
        away = Leave(world.day(4, 7), world.day(4, 12), "外出培训")
        deputies.arrange(session, grant, deputy_login=f"{city.rsplit('/', 1)[-1]}.onsite", leave=away)


def _look_up(crowd: Crowd, city: OfficeCode, world: World) -> None:
    """A reviewer has looked up a telephone number; the supervisor sees that it was."""
    case = crowd.of(city, State.QUALIFICATION_REVIEW)
    with world.office(city) as session:
        why = Why(Ground.CALL)
        reveal(session, case.case_id, field=PersonalField.PHONE, why=why, most=30, keys=world.platform.keys)


def answer_for(world: World, city: OfficeCode) -> None:
    """The city names whom the season answers to; its plan for emergencies waits for the center's receipt."""
    with world.office(city) as session:
        for rank in Rank:
            named = {"name": "模拟责任人", "post": f"模拟单位负责人（{rank.label}）", "telephone": "0392-00000000"}
            name_responsible(session, world.year, rank, **named, from_day=date(world.year, 3, 18))
        content = PlanContent("0392-00000001", [("总值班", "模拟值班员", "0392-00000002")], frozenset(Emergency))
        plan = plans.draft_plan(session, world.year, Occasion.EXAM, content)
        paper = Offered("plan", "应急预案.png", BytesIO(scan("plan")))
        attach(session, Subject.EMERGENCY_PLAN, plan.id, paper, keeping=world.platform.keeping)
        plan_id = plan.id
    with world.office(city, "supervisor") as session:
        plans.approve_plan(session, plan_id)
        plans.file_plan(session, plan_id)


def _rename(city: OfficeCode, world: World) -> None:
    """A unit gets another name in May."""
    unit = next(unit for unit in world.units if unit.local_office == city and unit.department is None)
    with world.office(city, "supervisor") as session:
        terms = unit_acts.Terms(
            unit_acts.Kind.RENAME,
            (unit.id,),
            date(world.year, 5, 1),
            f"模拟编〔{world.year}〕2号",
            names=("模拟洛阳直管服务中心",),
        )
        unit_acts.order(session, terms)


def _run_unit(crowd: Crowd, city: OfficeCode, world: World) -> None:
    """A unit reminds one of its people, states its vacant posts, and begins the application of somebody new."""
    unit = crowd.of(city, State.UNIT_REVIEW).unit
    trades = [trade.code for trade in world.platform.offices.catalogue.season(world.year).trades]
    person = invent(_NEW, world.rng, year=world.year, trades=trades, staff_category=StaffCategory.REGULAR)
    with world.unit(unit.manager) as session:
        vacant = {Grade.FIVE: 3, Grade.FOUR: 2, Grade.THREE: 1}
        materials = {material.code: material.name for material in world.platform.rules[world.year].materials}
        reminders.remind(session, world.year, reminders.planned(session, world.year, materials)[:1])
        state_posts(session, unit.id, world.year, vacant=vacant, policy="按空岗数推荐，人事科审核后公示三天（模拟）")
        applications.open_draft_for(
            session,
            Named(person.name, person.id_number, person.phone),
            year=world.year,
            unit_id=unit.id,
            draft=ApplicationDraft.model_validate(dict(person.answers)),
            keys=world.platform.keys,
        )


def _register(world: World) -> None:
    """Somebody has asked for a code to register, which the operator of a demonstration can read."""
    platform = world.platform
    trades = [trade.code for trade in platform.offices.catalogue.season(world.year).trades]
    person = invent(_NEW + 1, world.rng, year=world.year, trades=trades)
    nobody = system_actor(world.province)
    with SignInSession(platform.engine, actor=nobody, now=world.clock()) as session, session.begin():
        registration.begin(
            session,
            id_number=person.id_number,
            name=person.name,
            phone=person.phone,
            password="模拟口令-不必记住-7319",  # noqa: S106 - of an account that nobody opens
            sender=Sender("127.0.0.1", ""),
            door=platform.door,
        )
