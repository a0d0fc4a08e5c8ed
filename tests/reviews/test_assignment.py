"""Assignment: by hand and by rule, leave and deputies, and that it bars nobody and outlives what happens to a case."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select, text

from core.applications.models import Application
from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.errors import Conflict, Invalid
from core.identity import deputies
from core.identity.deputies import Leave
from core.identity.models import RoleGrant
from core.identity.service import issue_account
from core.pages.reviews.desk_filters import asked_for, filters
from core.plugin_api import Grade, OfficeCode
from core.reviews import claims, service as reviews
from core.reviews.assignment import service
from core.reviews.assignment.reviewers import Assigned, in_the_pool, mine, reviewers
from core.reviews.assignment.service import Duty
from core.reviews.assignment.workload import Load, assignment_of, workload
from core.reviews.decisions.items import ItemVerdict, each_item
from core.reviews.decisions.undo import undo
from core.reviews.queue import Asked, queue
from tests.cases import CITY, COUNTY, YEAR, Case, Season, answers, at

ROLES = {CITY: Role.CITY_REVIEWER, COUNTY: Role.COUNTY_REVIEWER}


def hired(season: Season, name: str, office: OfficeCode = CITY) -> Actor:
    """A reviewer with an account, as an office lets one in."""
    with season.as_system(office) as session:
        account = issue_account(
            session,
            login=f"{name}-{new_id().hex}",
            name=name,
            role=ROLES[office],
            valid_from=at(3, 20),
            office_id=office,
        )
    return Actor(account.id, name, ROLES[office], office_id=office)


def assigned(season: Season, cases: list[Case], to: Actor, *, by: Actor, office: OfficeCode = CITY) -> None:
    with season.as_office(office, actor=by) as session:
        service.assign(session, [case.id for case in cases], to.account_id, reason="测试分派")


def work_of(season: Season, actor: Actor, office: OfficeCode = CITY) -> set[UUID]:
    """The cases that are an officer's work."""
    return _found(season, actor, office, mine)


def pool(season: Season, actor: Actor, office: OfficeCode = CITY) -> set[UUID]:
    return _found(season, actor, office, in_the_pool)


def _found(season: Season, actor: Actor, office: OfficeCode, condition: Callable[..., object]) -> set[UUID]:
    with season.as_office(office, actor=actor) as session:
        wanted = select(Application.id).where(Application.handler_office_id == office, condition(session))  # type: ignore[arg-type]
        return set(session.scalars(wanted))


def by_rule(season: Season, office: OfficeCode = CITY) -> int:
    """Do the work of the job that runs every minute."""
    with season.as_system(office) as session:
        return service.distribute(session, YEAR)


def loads(season: Season, actor: Actor) -> tuple[dict[str, Load], Load]:
    with season.as_office(CITY, actor=actor) as session:
        found, free = workload(session, YEAR)
    return {load.reviewer.name: load for load in found if load.reviewer}, free


def test_a_case_is_assigned_transferred_and_put_back_on_the_record(season: Season) -> None:
    first, second = hired(season, "测试甲员"), hired(season, "测试乙员")
    cases = [season.at_office(), season.at_office()]
    assigned(season, cases, first, by=second)
    assert work_of(season, first) == {case.id for case in cases}
    assigned(season, cases[:1], second, by=first)
    assert work_of(season, second) == {cases[0].id}
    with season.as_office(CITY, actor=second) as session:
        held = assignment_of(session, cases[0].id)
        assert held is not None
        assert (held.account_name, held.assigned_by_name, held.way, held.reason) == (
            "测试乙员",
            "测试甲员",
            "hand",
            "测试分派",
        )
        assert service.pass_on(session, YEAR, first.account_id, second.account_id) == 1
        assert service.put_back(session, YEAR, second.account_id) == 2
    assert pool(season, first) == {case.id for case in cases}
    with season.as_auditor() as session:
        kinds = session.scalars(text("SELECT kind FROM record_entries WHERE kind LIKE 'case.%assigned'")).all()
    assert sorted(kinds) == ["case.assigned"] * 4 + ["case.unassigned"] * 2


def test_an_assignment_bars_nobody_and_outlives_a_return_and_an_undoing(season: Season) -> None:
    first, second = hired(season, "测试甲员"), hired(season, "测试乙员")
    case = season.at_office()
    assigned(season, [case], first, by=first)
    with season.as_office(CITY, actor=second) as session:
        claims.claim(session, case.id)
        reviews.reject(session, case.id, offices=season.offices, reason="测试理由")
        undo(session, case.id, offices=season.offices)
    assert work_of(season, first) == {case.id}
    faulty = [ItemVerdict("first_job_year", faulty=True, reason_code="differs_from_file")]
    with season.as_office(CITY, actor=second) as session:
        items = each_item(session, case.id, but=faulty)
        reviews.return_for_correction(session, case.id, offices=season.offices, reason="请更正", items=items)
    season.save(case, answers(first_job_year=2004))
    season.submit(case)
    season.approve_at_unit(case)
    assert work_of(season, first) == {case.id}
    assert loads(season, first)[0]["测试甲员"].cases == 1


def test_the_desk_shows_what_is_assigned_to_one_and_what_to_nobody(season: Season) -> None:
    first, second = hired(season, "测试甲员"), hired(season, "测试乙员")
    cases = [season.at_office(), season.at_office()]
    assigned(season, cases[:1], first, by=second)

    def listed(actor: Actor, kind: Assigned) -> list[UUID]:
        with season.as_office(CITY, actor=actor) as session:
            return [row.id for row in queue(session, YEAR, Asked(assigned=kind)).rows]

    assert listed(first, Assigned.ME) == [cases[0].id]
    assert listed(second, Assigned.ME) == []
    assert listed(second, Assigned.NOBODY) == [cases[1].id]
    asked = asked_for({"assigned": "me"})
    assert (asked, filters(asked)["assigned"]) == (Asked(assigned=Assigned.ME), "me")


def test_each_office_assigns_what_it_has_in_hand_to_its_own_people(season: Season) -> None:
    city, county = hired(season, "测试市员"), hired(season, "测试县员", COUNTY)
    here, delegated = season.at_office(), season.at_office(COUNTY)
    with season.as_office(CITY, actor=city) as session, pytest.raises(Conflict, match="已不由本机构办理"):
        service.assign(session, [here.id, delegated.id], city.account_id)
    with season.as_office(CITY, actor=city) as session, pytest.raises(Invalid, match="不是本机构的审查人员"):
        service.assign(session, [here.id], county.account_id)
    assigned(season, [delegated], county, by=county, office=COUNTY)
    assert work_of(season, county, COUNTY) == {delegated.id}
    with season.as_office(CITY, actor=city) as session:
        assert session.scalars(text("SELECT count(*) FROM case_assignments")).one() == 0


def test_nobody_is_given_their_own_application(season: Season) -> None:
    officer = hired(season, "测试甲员")
    case = season.at_office()
    with season.signing_in() as session:
        own = {"person": case.person.person_id, "id": officer.account_id}
        session.execute(text("UPDATE accounts SET person_id = :person WHERE id = :id"), own)
    with season.as_office(CITY, actor=officer) as session, pytest.raises(Conflict, match="本人的申报"):
        service.assign(session, [case.id], officer.account_id)
    with season.as_office(CITY, actor=officer) as session:
        service.set_rule(session, "turns", None)
    assert by_rule(season) == 0
    assert pool(season, officer) == {case.id}


def test_in_turns_everybody_has_as_many_and_no_more_than_the_limit(season: Season) -> None:
    officers = [hired(season, f"测试{name}员") for name in "甲乙丙"]
    for _ in range(7):
        season.at_office()
    assert by_rule(season) == 0, "an office without a rule assigns by hand"
    with season.as_office(CITY, actor=officers[0]) as session:
        service.set_rule(session, "turns", 2)
        service.set_duty(session, officers[2].account_id, Duty(takes_part=False))
    assert by_rule(season) == 4
    assert by_rule(season) == 0
    found, free = loads(season, officers[0])
    assert [found[officer.name].cases for officer in officers] == [2, 2, 0]
    assert (free.cases, free.overdue) == (3, 0)


def test_by_grade_by_trade_and_by_unit_cases_go_to_whom_they_fit(season: Season) -> None:
    first, second = hired(season, "测试甲员"), hired(season, "测试乙员")
    fourth = season.at_office(filled=answers(Grade.FOUR))
    fifth = [season.at_office(), season.at_office()]
    with season.as_office(CITY, actor=first) as session:
        service.set_rule(session, "grade", None)
        service.set_duty(session, first.account_id, Duty(grades=(4,)))
        service.set_duty(session, second.account_id, Duty(grades=(3,)))
    assert by_rule(season) == 1
    assert work_of(season, first) == {fourth.id}
    with season.as_office(CITY, actor=first) as session:
        service.set_rule(session, "trade", None)
        service.set_duty(session, first.account_id, Duty(trades=("LS-2",)))
        service.set_duty(session, second.account_id, Duty(trades=("LS-1",)))
    assert by_rule(season) == 2
    assert work_of(season, second) == {case.id for case in fifth}
    same = [season.at_office(unit=fourth.unit) for _ in range(4)]
    with season.as_office(CITY, actor=first) as session:
        service.set_rule(session, "unit", None)
    assert by_rule(season) == 4
    assert work_of(season, first) == {fourth.id, *(case.id for case in same)}


def test_on_leave_cases_are_in_the_pool_and_the_reviewers_again_afterwards(season: Season) -> None:
    first, second = hired(season, "测试甲员"), hired(season, "测试乙员")
    case = season.at_office()
    assigned(season, [case], first, by=first)
    with season.as_office(CITY, actor=first) as session:
        service.set_duty(session, first.account_id, Duty(away_from=at(3, 26), away_until=at(3, 28), reason="休假"))
    assert pool(season, second) == set()
    season.now = at(3, 26)
    assert pool(season, second) == {case.id}
    assert loads(season, second)[1].cases == 1
    with season.as_office(CITY, actor=second) as session, pytest.raises(Conflict, match="离岗"):
        service.assign(session, [case.id], first.account_id)
    season.now = at(3, 28)
    assert pool(season, second) == set()
    assert work_of(season, first) == {case.id}


def test_a_deputy_has_the_cases_of_whom_they_act_for(season: Season) -> None:
    first, second = hired(season, "测试甲员"), hired(season, "测试乙员")
    case = season.at_office()
    assigned(season, [case], first, by=first)
    with season.as_office(CITY, actor=first) as session:
        grant = session.scalars(select(RoleGrant.id).where(RoleGrant.account_id == first.account_id)).one()
    with season.as_system(CITY) as session:
        login = session.scalars(text("SELECT login FROM accounts WHERE id = :id"), {"id": second.account_id}).one()
    with season.as_office(CITY, actor=first) as session:
        deputies.arrange(session, grant, deputy_login=login, leave=Leave(at(3, 25), at(3, 27), "休假"))
    assert pool(season, second) == set()
    assert work_of(season, second) == {case.id}
    with season.as_office(CITY, actor=first) as session:
        service.set_rule(session, "turns", None)
    new = season.at_office()
    assert by_rule(season) == 1
    assert work_of(season, second) == {case.id, new.id}, "what is new goes to those who are there"
    season.now = at(3, 27)
    assert work_of(season, second) == {new.id}
    assert work_of(season, first) == {case.id}


def test_cases_of_one_who_has_left_are_in_the_pool(season: Season) -> None:
    first, second = hired(season, "测试甲员"), hired(season, "测试乙员")
    case = season.at_office()
    assigned(season, [case], first, by=first)
    with season.as_office(CITY, "supervisor") as session:
        session.execute(
            text("UPDATE role_grants SET valid_until = :now WHERE account_id = :id"),
            {"now": season.now, "id": first.account_id},
        )
    assert pool(season, second) == {case.id}


def test_the_workload_says_what_is_late_and_what_was_decided(season: Season) -> None:
    first, second = hired(season, "测试甲员"), hired(season, "测试乙员")
    cases = [season.at_office() for _ in range(4)]
    assigned(season, cases[:3], first, by=first)
    due = [season.now - timedelta(days=1), season.now + timedelta(days=2), season.now + timedelta(days=30)]
    with season.as_office(CITY, actor=first) as session:
        for case, moment in zip(cases, due, strict=False):
            session.execute(
                text("UPDATE applications SET due_at = :due WHERE id = :id"), {"due": moment, "id": case.id}
            )
    season.approve_at_office(cases[3])
    with season.as_office(CITY, actor=second) as session:
        reviews.reject(session, cases[2].id, offices=season.offices, reason="测试理由")
    found, free = loads(season, first)
    assert free.cases == 0
    mine_ = found["测试甲员"]
    assert (mine_.cases, mine_.overdue, mine_.soon, mine_.oldest, mine_.today) == (2, 1, 1, due[0], 0)
    assert (found["测试乙员"].today, found["测试乙员"].week) == (1, 1)


def test_the_workload_of_many_cases_takes_as_many_statements_as_that_of_few(season: Season) -> None:
    first = hired(season, "测试甲员")

    def statements() -> int:
        made: list[str] = []
        listen = lambda *given: made.append(given[2])  # noqa: E731 - the event's signature
        event.listen(season.connection, "before_cursor_execute", listen)
        with season.as_office(CITY, actor=first) as session:
            workload(session, YEAR)
        event.remove(season.connection, "before_cursor_execute", listen)
        return len(made)

    assigned(season, [season.at_office()], first, by=first)
    few = statements()
    hired(season, "测试乙员")
    assigned(season, [season.at_office(), season.at_office()], first, by=first)
    assert statements() == few


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda session, _me: service.set_rule(session, "random", None), "没有这种分派办法"),
        (lambda session, _me: service.set_rule(session, "turns", 0), "1以上的整数"),
        (lambda session, me: service.set_duty(session, me, Duty(grades=(9,))), "没有这个等级"),
        (lambda session, me: service.set_duty(session, me, Duty(away_from=at(3, 26))), "都要填写"),
        (
            lambda session, me: service.set_duty(session, me, Duty(away_from=at(3, 26), away_until=at(3, 25))),
            "不能早于",
        ),
    ],
)
def test_a_rule_or_duty_that_makes_no_sense_is_refused(
    season: Season, act: Callable[[OfficeSession, UUID], object], said: str
) -> None:
    officer = hired(season, "测试甲员")
    with season.as_office(CITY, actor=officer) as session, pytest.raises(Invalid, match=said):
        act(session, officer.account_id)


def test_reviewers_are_those_of_the_office_who_review(season: Season) -> None:
    officer = hired(season, "测试甲员")
    hired(season, "测试县员", COUNTY)
    with season.as_office(CITY, actor=officer) as session:
        found = reviewers(session)
    assert [reviewer.name for reviewer in found] == ["测试甲员"]
    assert found[0].is_there
