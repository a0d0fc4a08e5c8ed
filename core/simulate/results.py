"""The end of the simulated season: marks, grade one before its panel, lists, certificates, and a sanction."""

import csv
import io
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from sqlalchemy import func, select

from core.applications.models import Application
from core.applications.queries import are_candidates
from core.clock import SHANGHAI
from core.db.session import ANONYMOUS, Actor, OfficeSession, PublicSession
from core.plugin_api import Grade, OfficeCode
from core.results.awards import certificates, objections, publication, striking
from core.results.awards.objections import Objector
from core.results.corrections import score_checks, service as corrections
from core.results.corrections.score_checks import Ground
from core.results.corrections.service import Corrected
from core.results.evaluation import panels, ranking, scoring
from core.results.ledger import queries as ledger, service as handouts
from core.results.marks import service as marks
from core.results.marks.reading import read_marks
from core.results.models.awards import Certificate, Objection, Publication, Striking
from core.results.models.marks import Mark, Outcome
from core.results.outcomes import service as outcomes
from core.sanctions import cases as sanctions, papers
from core.sanctions.cases import Measures
from core.sanctions.paper_kinds import ServiceWay
from core.seasons.queries import subjects_by_grade
from core.simulate.cases import Case
from core.simulate.exams import examined, is_absent
from core.simulate.world import World

OBJECTED = "henan/anyang"
"""The office where an objection to a line of the list is upheld."""
CHECKED = "henan/zhengzhou"
"""The office where a mark is checked after the list is out; its correction makes the candidate pass and be listed."""
LISTS_ABSENTEES = "henan/zhengzhou"
"""The office where the exam's system lists absent candidates as well."""
SANCTIONED = frozenset({"henan/luoyang", "henan/zhoukou"})
"""The office where false papers come to light after the certificates are out."""
APPEALED = "henan/zhoukou"
"""The office where the appeal against the sanction is dismissed."""

STOCKED = "henan/luoyang"
"""The office where a batch waits to be handed over, and holders who have not come for their certificates."""

_MEMBERS = ("examiner", "second", "third")
_PASS = Decimal(60)
_OWN_WORDS = "测试事由"
_MOVED = "经核查，该人员已调离申报岗位"


def plan_results(world: World, offices: Sequence[OfficeCode], cases: Sequence[Case]) -> None:
    """Put the acts after the exams on the agenda, on the same days everywhere."""
    for number, office in enumerate(offices):
        acts: list[tuple[int, int, Callable[[World, OfficeCode], None]]] = [
            (10, 8, take_marks),
            (10, 10, _evaluate),
            (10, 12, _work_out),
            (10, 14, _publish),
            (10, 28, _close),
        ]
        if office == OBJECTED:
            acts += [(10, 16, _object), (10, 26, _strike)]
        if office == CHECKED:
            acts += [(10, 17, partial(_have_checked, cases)), (10, 30, _publish), (11, 10, _close)]
        acts.append((11, 10, _hand_out))
        if office in SANCTIONED:
            acts.append((11, 11, partial(_sanction, cases)))
        for month, day, act in acts:
            world.at(world.day(month, day, 9) + timedelta(minutes=number), partial(_where_examined, world, office, act))


def _where_examined(world: World, office: OfficeCode, act: Callable[[World, OfficeCode], None]) -> None:
    if examined(world, office, *Grade):
        act(world, office)


def take_marks(world: World, office: OfficeCode) -> None:
    """One examiner hands the table in, another compares it with their own copy and confirms."""
    for grades in (set(Grade) - {Grade.ONE}, {Grade.ONE}):
        content = mark_table(world, office, grades)
        if content is None:
            continue
        with world.office(office, "examiner") as session:
            proposal = marks.propose_import(session, content, year=world.year, file_name="模拟成绩.csv")
            assert proposal.made is not None, proposal.reading.faults[:3]  # noqa: S101
            made = proposal.made.id
        with world.office(office, "second") as session:
            digest = _own_copy(session, content, world.year)
            marks.confirm_import(session, made, digest=digest, rules=world.platform.offices.config(office).results)


def _own_copy(session: OfficeSession, content: bytes, year: int) -> str:
    return read_marks(session, content, year=year).digest


def mark_table(world: World, office: OfficeCode, grades: set[Grade]) -> bytes | None:
    """The table of marks of the exam's system: a column for each subject; None where it would have no row.

    Where ``LISTS_ABSENTEES`` it has rows for absent candidates as well; elsewhere these get 缺考 by the door list,
    and where nobody came there is nothing to hand in.
    """
    with world.office(office, "examiner") as session:
        wanted = select(Application.reference, Application.person_name, Application.grade).where(
            are_candidates(office, world.year, grades)
        )
        people = session.execute(wanted.order_by(Application.person_name)).all()
        subjects = subjects_by_grade(session, world.year)
    if office != LISTS_ABSENTEES:
        people = [person for person in people if not is_absent(person.person_name)]
    if not people:
        return None
    columns = subjects[people[0].grade]
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(["申报编号", "姓名", *columns, "考试情况"])
    for person in people:
        absent = is_absent(person.person_name)
        points = ["" if absent else str(_points(person.person_name, subject)) for subject in columns]
        lines.writerow([person.reference, person.person_name, *points, "缺考" if absent else ""])
    return written.getvalue().encode("gb18030")


def passes(person_name: str, subjects: Iterable[str]) -> bool:
    """Whether an invented person comes to the exam and passes each of the subjects."""
    return not is_absent(person_name) and all(_points(person_name, subject) >= _PASS for subject in subjects)


def _points(person_name: str, subject: str) -> Decimal:
    """Points that are the same in every run: most pass."""
    draw = random.Random(f"{person_name}/{subject}")  # noqa: S311 - a simulation, not a secret
    return Decimal(round(draw.triangular(45, 100, 82) * 2)) / 2


def _evaluate(world: World, office: OfficeCode) -> None:
    """A panel for everybody of grade one who passed theory; in one trade there is a place less than people."""
    offices = world.platform.offices
    with world.office(office, "supervisor") as session:
        passed = outcomes.theory_passed(session, year=world.year, offices=offices)
    if not passed:
        return
    trades = sorted({trade for _, trade in passed})
    members = [world.staff[office][who] for who in _MEMBERS]
    with world.office(office, "examiner") as session:
        panel = panels.form_panel(session, year=world.year, name="模拟评审组", trades=trades, offices=offices)
        for member in members:
            panels.add_member(session, panel.id, member.account_id, offices=offices, chairs=member is members[0])
        panels.open_panel(session, panel.id, offices=offices)
        panel_id = panel.id
    for who in _MEMBERS:
        score(world, office, who)
    with world.office(office, "examiner") as session:
        panels.close_panel(session, panel_id, minutes="模拟评审会议记录：逐人评议，独立评分。", offices=offices)
        proposed = ranking.propose(session, panel_id, offices=offices).id
    with world.office(office, "supervisor") as session:
        ranking.confirm(session, proposed, offices=offices)


def score(world: World, office: OfficeCode, who: str) -> None:
    """A member hands in every sheet that is open."""
    with world.office(office, who) as session:
        for sheet in scoring.own_sheets(session, world.year):
            if sheet.state == "open":
                points = {criterion.code: _score(who, criterion.maximum) for criterion in sheet.criteria}
                scoring.submit_sheet(session, sheet.id, points)


def _score(who: str, maximum: int) -> Decimal:
    """The points of a member: they differ between members, not between candidates, whose numbers are drawn."""
    return Decimal(maximum * (70 + 5 * _MEMBERS.index(who)) // 100)


def _work_out(world: World, office: OfficeCode) -> None:
    with world.office(office, "examiner") as session:
        outcomes.work_out(session, year=world.year, offices=world.platform.offices)


def _publish(world: World, office: OfficeCode) -> None:
    """The list of everybody who passed and stands on none yet, put before the public."""
    awards = world.platform.offices.config(office).awards
    with world.office(office, "supervisor") as session:
        if _to_list(session, office):
            made = publication.draft_list(session, world.year, grades=tuple(Grade), awards=awards)
            publication.publish(session, made.id)


def _close(world: World, office: OfficeCode) -> None:
    """Close the list with its notice, and issue the certificates."""
    platform = world.platform
    with world.office(office, "supervisor") as session:
        for made in publications_out(session, world.year):
            number = f"模拟〔{world.year}〕{made.version}号"
            publication.close(session, made.id, notice_number=number)
            certificates.issue(session, made.id, offices=platform.offices, paper_keys=platform.paper_keys)


def _hand_out(world: World, office: OfficeCode) -> None:
    """Every paper goes to its unit and is signed for; in ``STOCKED`` a batch waits, and so do holders."""
    with world.office(office) as session:
        units = [of.unit_id for of in ledger.in_stock(session, world.year)]
        made = handouts.make_batches(session, world.year, units) if units else []
        for handout in made[1:] if office == STOCKED else made:
            handouts.hand_over(session, handout.id, receiver="模拟经办人")
            papers = [entry.certificate_id for entry in ledger.batch_entries(session, handout.id)]
            left = papers[-1:] if office == STOCKED and len(papers) > 1 else []
            handouts.note_received(session, handout.id, [paper for paper in papers if paper not in left])


def _object(world: World, office: OfficeCode) -> None:
    """An objection is raised against the first line; an officer proposes to strike it, and the person may speak."""
    platform = world.platform
    with world.office(office, "supervisor") as session:
        out = publications_out(session, world.year)
    if not out:
        return
    listed = out[0].id
    with PublicSession(platform.engine, actor=ANONYMOUS, now=world.clock()) as anybody, anybody.begin():
        objector = Objector("测试来信人", "19900000000")
        objections.object_to(
            anybody, listed, grounds="该人员不在申报岗位工作", objector=objector, keys=platform.keys, position=1
        )
    with world.office(office) as session:
        found = session.scalars(select(Objection.id).where(Objection.publication_id == listed)).one()
        awards = platform.offices.config(office).awards
        striking.propose(session, listed, 1, reason=_MOVED, awards=awards, objection_id=found)


def _strike(world: World, office: OfficeCode) -> None:
    """The time to speak is over: a second officer strikes the line, which answers the objection."""
    with world.office(office, "supervisor") as session:
        wanted = select(Striking.id).where(Striking.office_id == office, Striking.state == "proposed")
        for found in session.scalars(wanted).all():
            striking.strike(session, found, remark=_MOVED, keys=world.platform.keys)


def _have_checked(cases: Sequence[Case], world: World, office: OfficeCode) -> None:
    """A candidate who failed one subject has it checked; it was added up wrongly, and is corrected by two people."""
    offices = world.platform.offices
    with world.office(office, "examiner") as session:
        wanted = (
            select(Mark.application_id, func.min(Mark.subject))
            .join(Outcome, Outcome.application_id == Mark.application_id)
            .join(Application, Application.id == Mark.application_id)
            .where(Mark.office_id == office, Mark.mark < _PASS, Outcome.grade > int(Grade.ONE))
            .group_by(Mark.application_id)
            .having(func.count() == 1)
            .order_by(func.min(Application.person_name))
        )
        found = session.execute(wanted.limit(1)).one_or_none()
    if found is None:
        return
    application_id, subject = found
    with world.person(actor_of(cases, application_id)) as session:
        rules = offices.config(office).results
        asked = score_checks.ask_for_check(
            session, application_id, subject, ground=Ground.OWN_RESULT, reason=_OWN_WORDS, rules=rules
        ).id
    with world.office(office, "examiner") as session:
        score_checks.uphold_check(session, asked, Corrected(_PASS), answer="经复查，漏计两题", evidence="考试系统日志")
        correction = corrections.corrections(session, world.year)[0][0].id
    with world.office(office, "supervisor") as session:
        corrections.grant_correction(session, correction, offices=offices)


def _sanction(cases: Sequence[Case], world: World, office: OfficeCode) -> None:
    """False papers: the person is heard, the city decides, and the final decision is carried out."""
    platform = world.platform
    with world.office(office, "supervisor") as session:
        held = (
            select(Certificate.application_id)
            .join(Application, Application.id == Certificate.application_id)
            .where(Certificate.office_id == office, Certificate.revoked_at.is_(None))
            .order_by(Application.person_name)
        )
        accused = session.scalar(held.limit(1))
        if accused is None:
            return
    with world.office(office) as session:
        found = sanctions.propose(session, accused, facts="学历证书与发证机关记录不符").id
    with world.office(office, "supervisor") as session:
        sanctions.hear(session, found, words="经初步核查，决定立案", offices=platform.offices)
    actor = actor_of(cases, accused)
    with world.person(actor) as session:
        sanctions.state(session, found, words=_OWN_WORDS, finished=True)
    world.at(world.day(11, 19, 9), partial(_decide, world, office, actor, found))


def _decide(world: World, office: OfficeCode, actor: Actor, found: UUID) -> None:
    offices = world.platform.offices
    with world.office(office, "supervisor") as session:
        sanctions.decide(session, found, words="提供虚假材料属实", measures=Measures(), offices=offices)
    if office != APPEALED:
        _serve(world, office, found)
        world.at(world.day(12, 16, 9), partial(_carry_out, world, found))
        return
    with world.person(actor) as session:
        sanctions.appeal(session, found, words=_OWN_WORDS)
    world.at(world.day(12, 2, 9), partial(_uphold, world, found))


def _serve(world: World, office: OfficeCode, found: UUID) -> None:
    """The decision is handed over, and the time for an appeal begins."""
    with world.office(office, "supervisor") as session:
        today = session.now.astimezone(SHANGHAI).date()
        papers.serve(session, found, way=ServiceWay.IN_PERSON, day=today)


def _carry_out(world: World, found: UUID) -> None:
    """The third person is an officer of the center: who proposed and who decided are the city's."""
    with world.center() as session:
        sanctions.carry_out(session, found, offices=world.platform.offices)


def _uphold(world: World, found: UUID) -> None:
    with world.center() as session:
        sanctions.uphold(session, found, words="事实清楚，处理适当", offices=world.platform.offices)


def publications_out(session: OfficeSession, year: int) -> Sequence[Publication]:
    """The office's lists that are before the public."""
    wanted = select(Publication).where(
        Publication.office_id == session.office_id, Publication.year == year, Publication.state == "published"
    )
    return session.scalars(wanted.order_by(Publication.version)).all()


def _to_list(session: OfficeSession, office: OfficeCode) -> int:
    """How many passed and have no certificate yet, as a first look for a list."""
    issued = select(Certificate.application_id).where(Certificate.office_id == office)
    wanted = select(func.count()).where(
        Outcome.office_id == office, Outcome.passed, Outcome.application_id.not_in(issued)
    )
    return session.execute(wanted).scalar_one()


def actor_of(cases: Sequence[Case], application_id: UUID) -> Actor:
    """The applicant of a case of this part of the season."""
    by_id: Mapping[UUID | None, Actor | None] = {case.id: case.actor for case in cases}
    actor = by_id[application_id]
    assert actor is not None  # noqa: S101 - who applied has registered
    return actor
