"""Patrols: planned at places of the office and below it, made by members, answered, closed by somebody else."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from core.clock import end_of
from core.db.base import new_id
from core.db.retention import ERASED
from core.db.session import Actor, KeeperSession, OfficeSession, Role
from core.documents.attachment_subjects import Subject
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.messages.models import Notice
from core.oversight.earlier_queries import Open, work_of_season
from core.oversight.years.unfinished import Unfinished, unfinished
from core.responsibility.models import Patrol, PatrolFinding, PatrolReply, PatrolVisit
from core.responsibility.patrols import findings, queries, service, visits
from core.responsibility.patrols.kinds import FindingKind, FindingState, PatrolState, Severity, VisitState
from core.responsibility.patrols.visits import FindingForm
from core.responsibility.retention import erase_patrol_findings, erase_patrols, patrol_findings_due, patrols_due
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, YEAR, at
from tests.documents.things import attach
from tests.responsibility.patrols.conftest import FIRST, Patrols


def told(patrols: Patrols, kind: str) -> list[tuple[str | None, str]]:
    with patrols.season.as_province() as session:
        wanted = select(Notice.recipient_office_id, Notice.body).where(Notice.kind == kind)
        return [(row[0], row[1]) for row in session.execute(wanted.order_by(Notice.created_at, Notice.id))]


def waits(patrols: Patrols, actor: Actor) -> int:
    assert actor.office_id is not None
    with patrols.season.as_office(actor.office_id, actor=actor) as session:
        return work_of_season(session, YEAR, current=True).get(Open.PATROL, 0)


def test_a_patrol_goes_from_the_plan_to_its_end(patrols: Patrols) -> None:
    patrol = patrols.planned(patrols.places["county"], patrols.places["city"])
    visit = patrols.arrived(patrol)
    finding = patrols.found(visit)
    ((office, body),) = told(patrols, "patrol_finding")
    assert office == COUNTY
    assert "6月25日24时前整改" in body
    assert "盲区" not in body
    patrols.answered(finding)
    assert told(patrols, "patrol_answered")[0][0] == CITY
    with patrols.supervisor() as session:
        findings.ask_again(session, finding, "请附照片", new_id(), answer_by=date(YEAR, 6, 28))
    ((office, body),) = told(patrols, "patrol_asked_again")
    assert office == COUNTY
    assert "请附照片" in body
    patrols.answered(finding, "照片已附")
    with patrols.supervisor() as session:
        findings.close_finding(session, finding, "复看录像，已覆盖", new_id())
    assert told(patrols, "patrol_finding_settled")[0][0] == COUNTY
    assert [line.kind for line in patrols.lines(finding)] == ["answer", "again", "answer", "closed"]
    with patrols.supervisor() as session, pytest.raises(Conflict, match="还没有巡视完"):
        service.end_patrol(session, patrol, "完成")
    with patrols.member() as session:
        visits.finish_visit(session, visit, "检查了三个考场")
    other = patrols.visit(patrol, 1)
    with patrols.supervisor() as session:
        service.call_off_visit(session, other, "台风停考")
        ended = service.end_patrol(session, patrol, "一处问题，已整改")
        assert (ended.state, ended.summary) == (PatrolState.ENDED, "一处问题，已整改")
        with pytest.raises(Conflict, match="只能查看"):
            service.add_visit(session, patrol, patrols.places["course"], date(YEAR, 6, 2))


def test_places_of_others_and_days_out_of_use_are_refused_at_their_field(patrols: Patrols) -> None:
    account = patrols.actor(CITY, Role.EXAMINER).account_id
    elsewhere = patrols.site(OTHER_CITY)
    stranger = patrols.actor(OTHER_CITY, Role.EXAMINER).account_id
    with patrols.supervisor() as session:
        given = {"purpose": "测试", "members": [account], "place": patrols.places["county"], "day": FIRST}
        for changed, at_field in (
            ({"place": elsewhere}, "place"),
            ({"place": patrols.places["center"]}, "place"),
            ({"place": "site:无"}, "place"),
            ({"day": date(YEAR, 5, 31)}, "day"),
            ({"place": patrols.places["course"], "day": date(YEAR, 6, 6)}, "day"),
            ({"members": []}, "members"),
            ({"members": [stranger]}, "members"),
            ({"members": [new_id() for _ in range(21)]}, "members"),
            ({"purpose": " "}, "purpose"),
        ):
            with pytest.raises(Invalid) as refused, session.begin_nested():
                service.plan_patrol(session, YEAR, **(given | changed))  # type: ignore[arg-type]
            assert at_field in refused.value.fields, changed
        assert queries.patrols_of(session, YEAR) == []
    with patrols.member() as session, pytest.raises(Forbidden, match="监管人员"):
        service.plan_patrol(session, YEAR, **given)  # type: ignore[arg-type]
    patrol = patrols.planned(patrols.places["county"])
    with patrols.supervisor() as session, pytest.raises(Conflict, match="已在本次巡视中"):
        service.add_visit(session, patrol, patrols.places["county"], FIRST)


def test_the_center_patrols_cities_counties_and_its_own_sites(patrols: Patrols) -> None:
    with patrols.at_work(PROVINCE, Role.PROVINCIAL_OFFICER) as session:
        offered = {place.key for place in queries.places(session, YEAR)}
    assert set(patrols.places.values()) <= offered
    with patrols.supervisor() as session:
        offered = {place.key for place in queries.places(session, YEAR)}
    assert patrols.places["center"] not in offered
    assert {patrols.places["city"], patrols.places["county"], patrols.places["course"]} <= offered


def test_a_patrol_is_not_announced_and_others_see_nothing_of_it(patrols: Patrols) -> None:
    patrol = patrols.planned(patrols.places["county"])
    visit = patrols.visit(patrol)
    sees = {CITY: (True, True), COUNTY: (False, False), OTHER_CITY: (False, False), PROVINCE: (True, True)}
    for office, (of_patrol, of_visit) in sees.items():
        with patrols.season.as_office(office) as session:
            assert (session.get(Patrol, patrol) is not None) is of_patrol, office
            assert (session.get(PatrolVisit, visit) is not None) is of_visit, office
    finding = patrols.found(patrols.arrived(patrol))
    for office, expected in ((CITY, True), (COUNTY, True), (OTHER_CITY, False), (PROVINCE, True)):
        with patrols.season.as_office(office) as session:
            assert (session.get(PatrolFinding, finding) is not None) is expected, office
            assert (session.get(PatrolVisit, visit) is not None) is expected, office
    with patrols.season.as_office(COUNTY) as session:
        assert session.get(Patrol, patrol) is None
        assert [line.finding.id for line in queries.findings_to_answer(session, YEAR)] == [finding]
    with patrols.season.as_office(OTHER_CITY) as session, pytest.raises(NotFound):
        findings.answer_finding(session, finding, "测试", new_id())


def test_only_members_make_a_visit_and_not_before_its_day(patrols: Patrols) -> None:
    patrol = patrols.planned(patrols.places["county"])
    visit = patrols.visit(patrol)
    with patrols.member() as session:
        with pytest.raises(Invalid, match="还没有到"):
            visits.arrive(session, visit, session.now)
        with pytest.raises(Conflict, match="先登记到达"):
            visits.finish_visit(session, visit, "测试")
    patrols.season.now = at(6, 22, 10)
    with patrols.member("outsider") as session, pytest.raises(Forbidden, match="加入巡视人员"):
        visits.arrive(session, visit, session.now)
    with patrols.member() as session:
        with pytest.raises(Invalid, match="不能晚于现在"):
            visits.arrive(session, visit, session.now + timedelta(minutes=1))
        visits.arrive(session, visit, at(6, 22, 9))
        # A colleague's telephone sends it again.
        assert visits.arrive(session, visit, session.now).arrived_at == at(6, 22, 9)
    with patrols.supervisor() as session, pytest.raises(Conflict, match="不能再改"):
        service.move_visit(session, visit, date(YEAR, 6, 23))


def test_whoever_is_sent_instead_goes_and_the_other_does_not(patrols: Patrols) -> None:
    patrol = patrols.planned(patrols.places["county"])
    second = patrols.actor(CITY, Role.SCHEDULER, "second").account_id
    with patrols.supervisor() as session:
        service.send_members(session, patrol, [second])
        assert [member.account_id for member in queries.tell(session, patrol).members] == [second]
    visit = patrols.visit(patrol)
    patrols.season.now = at(6, 22, 10)
    with patrols.member() as session, pytest.raises(Forbidden):
        visits.arrive(session, visit, session.now)
    with patrols.at_work(CITY, Role.SCHEDULER, "second") as session:
        visits.arrive(session, visit, session.now)
    # A deputy of the member goes in their place, and sends nobody.
    third = Actor(new_id(), "测试代办", Role.EXAMINER, office_id=CITY, on_behalf_of=second)
    with patrols.season.as_office(CITY, actor=third) as session:
        assert visits.finish_visit(session, visit, "代为结束").state == VisitState.DONE


def test_a_finding_sent_twice_is_written_once_and_a_day_that_is_over_is_refused(patrols: Patrols) -> None:
    visit = patrols.arrived(patrols.planned(patrols.places["county"]))
    client = new_id()
    assert patrols.found(visit, client_id=client) == patrols.found(visit, client_id=client)
    assert len(told(patrols, "patrol_finding")) == 1
    for changed, at_field in (({"answer_by": date(YEAR, 6, 21)}, "answer_by"), ({"facts": " "}, "facts")):
        with pytest.raises(Invalid) as refused:
            patrols.found(visit, **changed)
        assert at_field in refused.value.fields
    finding = patrols.found(visit)
    client = new_id()
    with patrols.county() as session:
        for _ in range(2):
            findings.answer_finding(session, finding, "已整改", client)
    assert len(patrols.lines(finding)) == 1


def test_an_answer_after_its_day_is_late_and_both_offices_are_told_before(patrols: Patrols) -> None:
    finding = patrols.found(patrols.arrived(patrols.planned(patrols.places["county"])))
    patrols.season.now = at(6, 24)
    for _ in range(2):
        with patrols.season.as_system(COUNTY) as session:
            findings.remind_of_findings(session, year=YEAR, offices=patrols.season.offices)
    assert [office for office, _ in told(patrols, "reminder.patrol_finding")] == [COUNTY]
    patrols.season.now = end_of(date(YEAR, 6, 25))
    for _ in range(2):
        with patrols.season.as_system(COUNTY) as session:
            findings.remind_of_findings(session, year=YEAR, offices=patrols.season.offices)
    assert sorted(office or "" for office, _ in told(patrols, "reminder.patrol_finding")) == [CITY, COUNTY, COUNTY]
    patrols.answered(finding)
    (line,) = patrols.lines(finding)
    assert line.late


def test_at_a_place_of_its_own_two_other_people_answer_and_close(patrols: Patrols) -> None:
    visit = patrols.arrived(patrols.planned(patrols.places["city"]))
    finding = patrols.found(visit)
    with patrols.supervisor("answers") as session:
        findings.answer_finding(session, finding, "已整改", new_id())
        with pytest.raises(Forbidden, match="填报人以外"):
            findings.close_finding(session, finding, "测试", new_id())
    with patrols.supervisor() as session:
        findings.close_finding(session, finding, "已复核", new_id())
    member = patrols.actor(CITY, Role.SCHEDULER, "both")
    with patrols.supervisor() as session:
        other = service.plan_patrol(
            session, YEAR, purpose="测试", members=[member.account_id], place=patrols.places["city"], day=FIRST
        ).id
    second = patrols.visit(other)
    with patrols.at_work(CITY, Role.SCHEDULER, "both") as session:
        visits.arrive(session, second, session.now)
        form = FindingForm(FindingKind.POWER, Severity.MINOR, "测试", "", date(YEAR, 6, 30), new_id())
        own = visits.record_finding(session, second, form).id
        with pytest.raises(Forbidden, match="巡视人员不能填报"):
            findings.answer_finding(session, own, "测试", new_id())


def test_a_patrol_is_cancelled_only_before_it_has_begun(patrols: Patrols) -> None:
    patrol = patrols.planned(patrols.places["county"])
    with patrols.supervisor() as session:
        service.cancel_patrol(session, patrol, "改为联合巡视")
        told_ = queries.tell(session, patrol)
        assert told_.patrol.state == PatrolState.CANCELLED
        assert [visit.visit.state for visit in told_.visits] == [VisitState.MISSED]
    begun = patrols.planned(patrols.places["county"])
    patrols.arrived(begun)
    with patrols.supervisor() as session, pytest.raises(Conflict, match="不能取消"):
        service.cancel_patrol(session, begun, "测试")


def test_what_waits_is_counted_for_whom_it_waits_and_for_the_year(patrols: Patrols) -> None:
    member, county = patrols.actor(CITY, Role.EXAMINER, "member"), patrols.actor(COUNTY, Role.COUNTY_REVIEWER)
    supervisor = patrols.actor(CITY, Role.CITY_SUPERVISOR, "supervisor")
    patrol = patrols.planned(patrols.places["county"])
    assert [waits(patrols, who) for who in (member, county, supervisor)] == [0, 0, 0]
    patrols.season.now = at(6, 22, 8)
    assert waits(patrols, member) == 1
    visit = patrols.arrived(patrol)
    finding = patrols.found(visit)
    with patrols.member() as session:
        visits.finish_visit(session, visit, "测试")
    assert [waits(patrols, who) for who in (member, county, supervisor)] == [0, 1, 0]
    with patrols.season.as_province() as session:
        left = {(one.office_id, one.kind): one.count for one in unfinished(session, YEAR)}
    assert left[CITY, Unfinished.PATROL] == 1
    assert left[COUNTY, Unfinished.PATROL_FINDING] == 1
    patrols.answered(finding)
    assert [waits(patrols, who) for who in (member, county, supervisor)] == [0, 0, 1]
    with patrols.supervisor() as session:
        findings.close_finding(session, finding, "已复核", new_id())
    assert waits(patrols, supervisor) == 1
    with patrols.supervisor() as session:
        service.end_patrol(session, patrol, "完成")
    assert waits(patrols, supervisor) == 0


def test_pictures_are_added_by_both_sides_until_the_finding_is_settled(patrols: Patrols) -> None:
    finding = patrols.found(patrols.arrived(patrols.planned(patrols.places["county"])))
    with patrols.member() as session:
        attach(session, patrols.season, Subject.PATROL_FINDING, finding, "evidence")
        with pytest.raises(Forbidden):
            attach(session, patrols.season, Subject.PATROL_FINDING, finding, "remedy")
    with patrols.county() as session:
        attach(session, patrols.season, Subject.PATROL_FINDING, finding, "remedy")
        with pytest.raises(Forbidden):
            attach(session, patrols.season, Subject.PATROL_FINDING, finding, "evidence")
    with patrols.supervisor() as session:
        findings.withdraw_finding(session, finding, "经查不属实", new_id())
    with patrols.county() as session, pytest.raises(Forbidden):
        attach(session, patrols.season, Subject.PATROL_FINDING, finding, "remedy")


def test_the_database_lets_nobody_answer_or_close_for_the_other(patrols: Patrols) -> None:
    finding = patrols.found(patrols.arrived(patrols.planned(patrols.places["county"])))
    close = text("UPDATE patrol_findings SET state = 'closed', closed_at = :now WHERE id = :id RETURNING id")
    with patrols.member() as session:
        assert session.execute(close, {"now": session.now, "id": finding}).all() == []
    with patrols.at_work(COUNTY, Role.EXAMINER) as session:
        assert session.execute(close, {"now": session.now, "id": finding}).all() == []
    with patrols.supervisor() as session:
        line = PatrolReply(
            id=new_id(), finding_id=finding, by_office_id=CITY, kind="answer", text="测试", late=False,
            client_id=new_id(), at=session.now, by=session.actor.account_id, by_name="测试",
        )  # fmt: skip
        session.add(line)
        with pytest.raises(Exception, match="row-level security"), session.begin_nested():
            session.flush()
        session.expunge_all()


def test_what_was_found_is_erased_after_its_time(patrols: Patrols) -> None:
    patrol = patrols.planned(patrols.places["county"])
    finding = patrols.found(patrols.arrived(patrol))
    patrols.answered(finding)
    later = at(6, 1).replace(year=YEAR + 7)
    with KeeperSession(patrols.season.connection, now=later) as session, session.begin():
        before = later - timedelta(days=1825)
        assert session.scalars(patrols_due(at(12, 1))).all() == []
        erase_patrols(session, session.scalars(patrols_due(before)).all())
        erase_patrol_findings(session, session.scalars(patrol_findings_due(before)).all())
        assert session.scalars(patrol_findings_due(before)).all() == []
    with patrols.season.as_auditor() as session:
        found = queries.tell(session, patrol)
        assert (found.patrol.purpose, found.members[0].name, found.findings[0].facts) == (ERASED, ERASED, ERASED)
    assert patrols.lines(finding)[0].text == ERASED


ACTS: dict[str, Callable[[OfficeSession, UUID], object]] = {
    "answer": lambda session, finding: findings.answer_finding(session, finding, "已整改", new_id()),
    "again": lambda session, finding: findings.ask_again(
        session, finding, "再整改", new_id(), answer_by=date(YEAR, 6, 30)
    ),
    "close": lambda session, finding: findings.close_finding(session, finding, "已复核", new_id()),
    "withdraw": lambda session, finding: findings.withdraw_finding(session, finding, "不属实", new_id()),
}
LEADS = {
    ("open", "answer", "county"): "answered",
    ("open", "withdraw", "supervisor"): "withdrawn",
    ("answered", "again", "supervisor"): "open",
    ("answered", "close", "supervisor"): "closed",
    ("answered", "withdraw", "supervisor"): "withdrawn",
}
"""State, act and actor → the next state; everything else is refused."""


def test_every_sequence_of_acts_stays_within_the_states(patrols: Patrols) -> None:
    luck = random.Random(55)  # noqa: S311 - a test's choices, not a secret
    patrol = patrols.planned(patrols.places["county"])
    visit = patrols.arrived(patrol)
    people = {"county": patrols.county, "supervisor": patrols.supervisor, "member": patrols.member}
    finding, stands, done = patrols.found(visit), "open", set()
    for _ in range(150):
        act, who = luck.choice(sorted(ACTS)), luck.choice(sorted(people))
        after = LEADS.get((stands, act, who))
        with people[who]() as session:
            if after is None:
                with pytest.raises(KaowuError), session.begin_nested():
                    ACTS[act](session, finding)
                continue
            ACTS[act](session, finding)
        assert patrols.stands(finding) == FindingState(after)
        done.add((stands, act, who))
        stands = after
        if stands in {"closed", "withdrawn"}:
            finding, stands = patrols.found(visit), "open"
    assert done == set(LEADS)
