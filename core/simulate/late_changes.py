"""What comes to light after the tickets are out, and after the certificates: each takes along what was issued before.

A site gets another address, a name is corrected, a case is reviewed again, a candidate is disqualified, and a lost
certificate is issued again; each at an office of its own, and nowhere where nobody is concerned.
"""

from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import select

from core.applications.identity import corrections
from core.applications.identity.corrections import Wanted
from core.applications.identity.steps import Kind
from core.applications.models import Application
from core.applications.queries import findings
from core.domain.workflow import State
from core.plugin_api import Grade, OfficeCode, Severity, WindowKind
from core.results.awards import reissues
from core.results.awards.certificate_life import Ground
from core.results.models.awards import Certificate
from core.reviews import service as reviews
from core.reviews.decisions.items import each_item
from core.reviews.settlements import Answer, settle_findings
from core.sanctions import cases as sanctions
from core.sanctions.cases import Measures
from core.scheduling.models.plans import Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.plans import service as plans
from core.scheduling.plans.room_sheets import live_seats
from core.scheduling.sites import service as sites
from core.scheduling.sites.service import SiteForm
from core.scheduling.sittings.service import exam_kind
from core.scheduling.tickets import service as tickets
from core.simulate.cases import Case
from core.simulate.exams import check_ready
from core.simulate.results import actor_of
from core.simulate.world import World

MOVES = "henan/xinyang"
"""The office whose site gets another address."""
CORRECTS = "henan/shangqiu"
"""The office where a candidate's name is corrected."""
REVIEWS_AGAIN = "henan/xinxiang"
"""The office where a candidate is reviewed again, and seated again."""
EXPELS = "henan/hebi"
"""The office where a candidate is disqualified, after an appeal."""
REISSUES = "henan/kaifeng"
"""The office where a holder has lost the certificate."""

_OWN_WORDS = "测试事由"


def plan_late_changes(world: World, offices: Sequence[OfficeCode], cases: Sequence[Case]) -> None:
    """Put them on the agenda, two days after the tickets and a week after the certificates."""
    acts: tuple[tuple[str, int, int, Callable[[World, OfficeCode], None]], ...] = (
        (MOVES, 6, 12, _move_site),
        (CORRECTS, 6, 12, partial(_correct_name, cases)),
        (REVIEWS_AGAIN, 6, 12, _review_again),
        (EXPELS, 6, 12, partial(_expel, cases)),
        (REISSUES, 11, 5, partial(_reissue, cases)),
    )
    for office in offices:
        for place, month, day, act in acts:
            if office == place:
                world.at(world.day(month, day, 9), partial(act, world, office))


def _ticketed(world: World, office: OfficeCode) -> Application | None:
    """The first candidate with a ticket whom the office has in hand itself."""
    wanted = (
        select(Application)
        .join(AdmissionTicket, AdmissionTicket.application_id == Application.id)
        .where(Application.office_id == office, Application.handler_office_id == office)
        .where(AdmissionTicket.voided_at.is_(None))
    )
    with world.office(office, "scheduler") as session:
        return session.scalars(wanted.order_by(Application.person_name).limit(1)).one_or_none()


def _move_site(world: World, office: OfficeCode) -> None:
    """The site is one that tickets name."""
    wanted = (
        select(ExamSite)
        .join(ExamRoom, ExamRoom.site_id == ExamSite.id)
        .join(Seat, Seat.room_id == ExamRoom.id)
        .where(ExamSite.office_id == office, ExamSite.year == world.year, live_seats())
    )
    with world.office(office, "scheduler") as session:
        site = session.scalars(wanted.order_by(ExamSite.code).limit(1)).one_or_none()
        if site is not None:
            form = SiteForm(site.code, site.name, f"{site.address}东门", site.opens_on, site.closes_on)
            sites.change_site(session, site.id, form)


def _correct_name(cases: Sequence[Case], world: World, office: OfficeCode) -> None:
    """The person has another name by law; an officer compares the papers, the supervisor decides."""
    found, keys = _ticketed(world, office), world.platform.keys
    if found is None:
        return
    with world.person(actor_of(cases, found.id)) as session:
        # The number at the end says whom the season invented.
        wanted = Wanted(Kind.CHANGED, f"测试改{found.person_name[-6:]}", _OWN_WORDS, "公安机关更名证明")
        asked = corrections.ask(session, corrections.about_myself(session, keys), wanted, keys=keys).id
    with world.office(office) as session:
        corrections.examine(session, asked, examination="与更名证明原件一致")
    with world.office(office, "supervisor") as session:
        corrections.grant(session, asked, keys=keys)


def _review_again(world: World, office: OfficeCode) -> None:
    """The center has a candidate reviewed again; the office agrees again, and seats them again."""
    found, offices = _ticketed(world, office), world.platform.offices
    if found is None:
        return
    with world.center() as session:
        reviews.reopen(session, found.id, offices=offices, reason="模拟：收到举报，复核工龄")
    with world.office(office) as session:
        asked = [one for one in findings(session, found.id, found.round) if one.severity == Severity.ASKS]
        settle_findings(session, found.id, [Answer(one.id, True, "已核对人事档案") for one in asked])
        state = reviews.approve(session, found.id, offices=offices, items=each_item(session, found.id)).state
    if state == State.ONSITE_CONFIRMATION:
        with world.office(office, "onsite") as session:
            reviews.confirm(session, found.id, offices=offices, items=each_item(session, found.id))
    _seat_again(world, office, exam_kind(Grade(found.grade or Grade.FIVE)))


def _seat_again(world: World, office: OfficeCode, exam: WindowKind) -> None:
    offices = world.platform.offices
    with world.office(office, "scheduler") as session:
        plan = plans.plan_anew(session, world.year, exam, offices=offices, reason="考生重新审查通过", seed=1)
        check_ready(plan)
        plans.publish(session, plan.id, offices=offices)
        tickets.issue_tickets(session, plan.id, rules=offices.config(office).tickets)


def _expel(cases: Sequence[Case], world: World, office: OfficeCode) -> None:
    """False papers come to light: hearing, decision, and an appeal that the center dismisses before the exam."""
    found, offices = _ticketed(world, office), world.platform.offices
    if found is None:
        return
    with world.office(office) as session:
        accused = sanctions.propose(session, found.id, facts="学历证书与发证机关记录不符").id
    with world.office(office, "supervisor") as session:
        sanctions.hear(session, accused, words="经初步核查，决定立案", offices=offices)
    with world.person(actor_of(cases, found.id)) as session:
        sanctions.state(session, accused, words=_OWN_WORDS, finished=True)
    with world.office(office, "supervisor") as session:
        sanctions.decide(session, accused, words="提供虚假材料属实", measures=Measures(), offices=offices)
    with world.person(actor_of(cases, found.id)) as session:
        sanctions.appeal(session, accused, words=_OWN_WORDS)
    with world.center() as session:
        sanctions.uphold(session, accused, words="事实清楚，处理适当", offices=offices)


def _reissue(cases: Sequence[Case], world: World, office: OfficeCode) -> None:
    """A holder has lost the certificate: an officer looks at the reason, the supervisor decides."""
    platform = world.platform
    wanted = (
        select(Certificate.id, Certificate.application_id)
        .where(Certificate.office_id == office, Certificate.revoked_at.is_(None), Certificate.superseded_at.is_(None))
        .order_by(Certificate.number)
    )
    with world.office(office, "supervisor") as session:
        held = session.execute(wanted.limit(1)).one_or_none()
    if held is None:
        return
    with world.person(actor_of(cases, held.application_id)) as session:
        asked = reissues.ask(session, held.id, ground=Ground.LOST, reason="办公室搬迁时遗失").id
    with world.office(office) as session:
        reissues.support(session, asked)
    with world.office(office, "supervisor") as session:
        reissues.grant(session, asked, offices=platform.offices, paper_keys=platform.paper_keys)
