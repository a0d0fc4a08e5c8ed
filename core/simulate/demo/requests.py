"""What people ask of the offices of the demonstration: questions, appeals, corrections, certificates, and one lead."""

from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import select

from core.applications import service as applications
from core.applications.identity import corrections
from core.applications.identity.corrections import Wanted
from core.applications.identity.steps import Kind
from core.applications.models import Application
from core.db.session import SYSTEM_ACCOUNT, Actor, Role, SignInSession
from core.domain.workflow import State
from core.identity.models import Account
from core.plugin_api import OfficeCode
from core.results.awards import reissues
from core.results.awards.certificate_life import Ground
from core.results.models.awards import Certificate
from core.reviews.appeals import service as appeals
from core.reviews.inquiries import service as inquiries
from core.sanctions import cases as sanctions
from core.sanctions.cases import Measures
from core.scheduling.accommodations import service as accommodations
from core.scheduling.allocation.problem import SeatNeed
from core.simulate.demo.crowd import Crowd, WaitingCase
from core.simulate.world import World

_WORDS: Final = "模拟事由"


def ask_all(
    world: World, crowd: Crowd, *, city: OfficeCode, county: OfficeCode, planning: OfficeCode, awarding: OfficeCode
) -> None:
    """Put the requests of the last evening on the agenda."""
    acts = (
        partial(_ask, crowd, city, county),
        partial(_appeal, crowd, city, county),
        partial(_correct_names, crowd, city),
        partial(_accuse, crowd, city),
        partial(_need, crowd, planning),
        partial(_supply, crowd, city),
        partial(_lose_certificate, city),
        partial(_lose_certificate, awarding, supported=True),
    )
    for minute, act in enumerate(acts):
        world.at(world.day(4, 1, 18) + timedelta(minutes=minute), partial(act, world))


def _ask(crowd: Crowd, city: OfficeCode, county: OfficeCode, world: World) -> None:
    """A question about a case to the city, one to the county, and one in general to the center."""
    for office in (city, county):
        case = crowd.of(office, State.QUALIFICATION_REVIEW)
        with case.as_person() as session:
            inquiries.ask(session, question="材料已上传，还需要到现场吗？", application_id=case.case_id)
    with crowd.of(city, State.DRAFT).as_person() as session:
        inquiries.ask(session, question="中央驻郑单位的人员在哪里申报？", office_id=world.province)


def _appeal(crowd: Crowd, city: OfficeCode, county: OfficeCode, world: World) -> None:
    """Of two people who were found not eligible, one appeals to the city, one to the center."""
    for office in (county, city):
        case = crowd.of(office, State.REJECTED)
        with case.as_person() as session:
            appeals.appeal(session, case.case_id, grounds="岗位与申报工种一致，请复核", offices=world.platform.offices)


def _correct_names(crowd: Crowd, city: OfficeCode, world: World) -> None:
    """Two names to correct: one for the officer who compares the papers, one for the supervisor who decides."""
    keys = world.platform.keys
    asked = []
    for number in (0, 1):
        case = crowd.of(city, State.QUALIFIED, number)
        # The number at the end says whom the season invented.
        wanted = Wanted(Kind.CHANGED, f"测试改{case.person.name[-6:]}", _WORDS, "公安机关更名证明")
        with case.as_person() as session:
            asked.append(corrections.ask(session, corrections.about_myself(session, keys), wanted, keys=keys).id)
    with world.office(city) as session:
        corrections.examine(session, asked[-1], examination="与更名证明原件一致")


def _accuse(crowd: Crowd, city: OfficeCode, world: World) -> None:
    """Four cases: a lead to take up or drop, a person to be served, one who was heard, and one who has appealed."""
    offices = world.platform.offices
    lead, decided, unserved, heard = (crowd.of(city, State.QUALIFIED, number) for number in (2, 3, 4, 5))
    _open_hearing(unserved, city, world)
    said = _open_hearing(heard, city, world)
    with heard.as_person() as session:
        sanctions.state(session, said, words="系原单位未及时减员，附情况说明（模拟）", finished=True)
    with world.office(city) as session:
        sanctions.propose(session, lead.case_id, facts="举报：学历证书与发证机关记录不符")
        found = sanctions.propose(session, decided.case_id, facts="工作年限证明系涂改").id
    with world.office(city, "supervisor") as session:
        sanctions.hear(session, found, words="经初步核查，决定立案", offices=offices)
    with decided.as_person() as session:
        sanctions.state(session, found, words="证明由单位代开，本人不知情", finished=True)
    with world.office(city, "supervisor") as session:
        measures = Measures(disqualifies=True, revokes=False)
        sanctions.decide(session, found, words="涂改属实", measures=measures, offices=offices)
    with decided.as_person() as session:
        sanctions.appeal(session, found, words="请求从轻处理")


def _open_hearing(case: WaitingCase, city: OfficeCode, world: World) -> UUID:
    """A case of which the person is told: the paper waits to be served."""
    with world.office(city) as session:
        begun = sanctions.propose(session, case.case_id, facts="来信反映在两个单位同时参保（模拟）").id
    with world.office(city, "supervisor") as session:
        sanctions.hear(session, begun, words="经初步核查，决定立案", offices=world.platform.offices)
    return begun


def _need(crowd: Crowd, planning: OfficeCode, _world: World) -> None:
    """A candidate asks for a room without stairs, with a paper."""
    case = crowd.of(planning, State.QUALIFIED)
    with case.as_person() as session:
        case.upload(session, "accommodation.evidence")
        accommodations.ask(session, case.case_id, needs={SeatNeed.ACCESSIBLE}, reason="腿部骨折，使用拐杖（模拟）")


def _supply(crowd: Crowd, city: OfficeCode, _world: World) -> None:
    """One of two papers that were to follow has come: the office can give its final verdict."""
    case = crowd.of(city, State.PROVISIONAL)
    with case.as_person() as session:
        paper = case.upload(session, "annual_assessments")
        applications.supplement(session, case.case_id, material="annual_assessments", document_id=paper)


def _lose_certificate(office: OfficeCode, world: World, *, supported: bool = False) -> None:
    """A holder of a certificate of last year has lost it and asks for another; an officer has ``supported`` it."""
    wanted = (
        select(Certificate.id, Application.person_id, Application.person_name)
        .join(Application, Application.id == Certificate.application_id)
        .where(Certificate.office_id == office, Certificate.revoked_at.is_(None), Certificate.superseded_at.is_(None))
        .order_by(Certificate.number)
    )
    with world.office(office, "supervisor") as session:
        certificate_id, person_id, name = session.execute(wanted.limit(1)).one()
    nobody = Actor(SYSTEM_ACCOUNT, "演示", Role.SYSTEM)
    with SignInSession(world.platform.engine, actor=nobody, now=world.clock()) as accounts:
        account = accounts.scalars(select(Account.id).where(Account.person_id == person_id)).one()
    with world.person(Actor(account, name, Role.APPLICANT, person_id=person_id)) as session:
        asked = reissues.ask(session, certificate_id, ground=Ground.LOST, reason="搬家时遗失").id
    if supported:
        with world.office(office) as session:
            reissues.support(session, asked)
