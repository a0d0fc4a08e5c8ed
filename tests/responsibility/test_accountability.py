"""Accountability: heard before it is decided, decided by another, seen by nobody who is not entitled."""

import random
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from core.db.base import new_id
from core.db.retention import ERASED
from core.db.session import Actor, KeeperSession, OfficeSession, Role
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.messages.models import Notice
from core.oversight.earlier_queries import Open, work_of_season
from core.oversight.years.unfinished import Unfinished, unfinished
from core.responsibility.accountability import queries, service
from core.responsibility.accountability.pdf import decision_pdf, hearing_pdf
from core.responsibility.accountability.procedure import Breach, CaseState, Measure, Origin
from core.responsibility.accountability.service import CaseForm
from core.responsibility.models import AccountabilityCase
from core.responsibility.retention import accountability_due, erase_accountability
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, YEAR, at
from tests.reading import pages_of
from tests.responsibility.patrols.conftest import Patrols, patrols_of

CONCERNED = "member"
GROUND = "测试规定第十一条"


@pytest.fixture
def staff(season: object) -> Patrols:
    """The staff of the city and its county, with accounts."""
    return patrols_of(season)  # type: ignore[arg-type]


def form(staff: Patrols, **changed: object) -> CaseForm:
    account = staff.actor(CITY, Role.EXAMINER, CONCERNED).account_id
    said = {
        "person": f"account:{account}",
        "breach": Breach.DISCIPLINE,
        "facts": "擅自离岗（测试）",
        "origin": Origin.REPORT,
    }
    return CaseForm(**(said | changed))  # type: ignore[arg-type]


def opened(staff: Patrols, **changed: object) -> UUID:
    with staff.supervisor() as session:
        return service.open_case(session, YEAR, form(staff, **changed)).id


def told(staff: Patrols, **changed: object) -> UUID:
    case = opened(staff, **changed)
    with staff.supervisor() as session:
        service.tell_person(session, case, "当面送达，本人签收", offices=staff.season.offices)
    return case


def decide(session: OfficeSession, case: UUID, *measures: Measure) -> AccountabilityCase:
    return service.decide(session, case, measures or [Measure.NOTICE], ground=GROUND, reasons="属实")


def waits(staff: Patrols, actor: Actor) -> int:
    assert actor.office_id is not None
    with staff.season.as_office(actor.office_id, actor=actor) as session:
        return work_of_season(session, YEAR, current=True).get(Open.ACCOUNTABILITY, 0)


def test_a_case_is_heard_decided_by_another_served_and_printed(staff: Patrols) -> None:
    case = told(staff)
    with staff.supervisor("second") as session, pytest.raises(Conflict, match="尚未陈述"):
        decide(session, case)
    with staff.member() as session:
        service.make_statement(session, case, "当时去送医（测试）")
        told_paper = "".join(pages_of(hearing_pdf(session, case).content))
        with pytest.raises(Conflict, match="还没有作出决定"):
            decision_pdf(session, case)
    assert "擅自离岗（测试）" in told_paper
    with staff.supervisor() as session, pytest.raises(Forbidden, match="立案人以外"):
        decide(session, case)
    with staff.supervisor("second") as session:
        with pytest.raises(Invalid) as refused:
            service.decide(session, case, [], ground=GROUND, reasons="属实")
        assert "measures" in refused.value.fields
        assert decide(session, case).reported_to_office_id is None
        assert service.serve_decision(session, case, "当面送达").state == CaseState.SERVED
    with staff.member() as session:
        paper = "".join(pages_of(decision_pdf(session, case).content))
    for said in ("责任追究决定书", "通报批评", GROUND, "你已陈述和申辩", "送达回证"):
        assert said in paper, said


def test_who_does_not_speak_in_time_is_decided_upon_and_speaks_no_more(staff: Patrols) -> None:
    case = told(staff)
    with staff.supervisor() as session:
        until = queries.case_of(session, case).hear_until
    assert until is not None
    staff.season.now = until
    with staff.member() as session, pytest.raises(Conflict, match="陈述期限已过"):
        service.make_statement(session, case, "测试")
    with staff.supervisor("second") as session:
        service.clear(session, case, "查无实据")
        assert "不予追究" in "".join(pages_of(decision_pdf(session, case).content))


def test_colleagues_and_other_offices_see_nothing_and_the_person_only_what_they_were_told(staff: Patrols) -> None:
    case = opened(staff)

    def sees(actor: Actor) -> bool:
        assert actor.office_id is not None
        with staff.season.as_office(actor.office_id, actor=actor) as session:
            return session.get(AccountabilityCase, case) is not None

    concerned, deciding = staff.actor(CITY, Role.EXAMINER, CONCERNED), staff.actor(CITY, Role.CITY_SUPERVISOR)
    others = [
        staff.actor(CITY, Role.EXAMINER, "colleague"),
        staff.actor(CITY, Role.CITY_REVIEWER),
        staff.actor(COUNTY, Role.COUNTY_REVIEWER),
        staff.actor(OTHER_CITY, Role.CITY_SUPERVISOR),
        staff.actor(PROVINCE, Role.PROVINCIAL_OFFICER),
    ]
    assert (sees(deciding), sees(concerned)) == (True, False)
    with staff.supervisor() as session:
        service.tell_person(session, case, "当面送达", offices=staff.season.offices)
    assert (sees(deciding), sees(concerned)) == (True, True)
    assert [sees(other) for other in others] == [False] * len(others)
    # Nor does somebody who stands in for the person.
    deputy = Actor(new_id(), "测试代办", Role.EXAMINER, office_id=CITY, on_behalf_of=concerned.account_id)
    assert not sees(deputy)


def test_a_supervisor_opens_no_case_against_themselves_and_decides_none(staff: Patrols) -> None:
    mine = staff.actor(CITY, Role.CITY_SUPERVISOR, "accused")
    with staff.supervisor("accused") as session, pytest.raises(Invalid, match="本人不能对自己立案"):
        service.open_case(session, YEAR, form(staff, person=f"account:{mine.account_id}"))
    case = opened(staff, person=f"account:{mine.account_id}")
    with staff.supervisor("accused") as session:
        assert queries.cases_of(session, YEAR) == []
        with pytest.raises(NotFound):
            service.tell_person(session, case, "测试", offices=staff.season.offices)
        # Its number is taken, though the accused does not see it.
        assert service.open_case(session, YEAR, form(staff)).number == 2
    with staff.supervisor() as session:
        service.tell_person(session, case, "当面送达", offices=staff.season.offices)
    with staff.supervisor("accused") as session:
        with pytest.raises(Forbidden, match="涉及本人"):
            service.clear(session, case, "测试")
        own = text("UPDATE accountability_cases SET state = 'cleared', decided_at = :now WHERE id = :id RETURNING id")
        assert session.execute(own, {"now": session.now, "id": case}).all() == []
        assert not service.make_statement(session, case, "申辩").recorded


def test_a_serious_decision_is_reported_to_the_office_above_without_a_name(staff: Patrols) -> None:
    case = told(staff)
    with staff.member() as session:
        service.make_statement(session, case, "认可")
    with staff.supervisor("second") as session:
        assert decide(session, case, Measure.NOTICE, Measure.BARRED).reported_to_office_id == PROVINCE
    with staff.season.as_office(PROVINCE) as session:
        notice = session.scalars(select(Notice).where(Notice.kind == "accountability_reported")).one()
        assert "测试member" not in notice.body
        assert queries.tell(session, case).case.measures == ["notice", "barred"]
        with pytest.raises(Forbidden, match="其他机构"):
            service.serve_decision(session, case, "测试")
    with staff.at_work(PROVINCE, Role.EXAMINER) as session, pytest.raises(NotFound):
        queries.tell(session, case)


def test_a_person_without_an_account_is_named_and_an_officer_records_what_they_say(staff: Patrols) -> None:
    with staff.supervisor() as session:
        for changed, at_field in (
            ({"person": "", "office_id": OTHER_CITY, "name": "测试甲", "post": "监考"}, "office_id"),
            ({"person": "", "office_id": COUNTY, "name": "测试甲", "post": ""}, "post"),
            ({"person": "", "office_id": COUNTY, "name": "", "post": "监考"}, "name"),
            ({"person": f"account:{new_id()}"}, "person"),
            ({"facts": " "}, "facts"),
            ({"origin": Origin.EMERGENCY, "origin_id": new_id()}, "origin"),
        ):
            with pytest.raises(Invalid) as refused, session.begin_nested():
                service.open_case(session, YEAR, form(staff, **changed))
            assert at_field in refused.value.fields, changed
    case = told(staff, person="", office_id=COUNTY, name="测试甲", post="监考人员")
    with staff.supervisor("second") as session:
        assert service.make_statement(session, case, "当面陈述：认可").recorded
        assert decide(session, case).to_office_id == COUNTY
    with staff.member() as session, pytest.raises(Forbidden, match="监管人员"):
        service.open_case(session, YEAR, form(staff))


def test_a_case_follows_from_a_finding_that_the_opener_sees(staff: Patrols) -> None:
    finding = staff.found(staff.arrived(staff.planned(staff.places["county"])))
    case = opened(staff, origin=Origin.PATROL_FINDING, origin_id=finding)
    with staff.supervisor() as session:
        assert queries.case_of(session, case).origin_id == finding


def test_what_waits_is_counted_for_whom_it_waits_and_for_the_year(staff: Patrols) -> None:
    opener, second = (staff.actor(CITY, Role.CITY_SUPERVISOR, who) for who in ("supervisor", "second"))
    concerned, colleague = (staff.actor(CITY, Role.EXAMINER, who) for who in (CONCERNED, "colleague"))
    people = (opener, second, concerned, colleague)
    case = opened(staff)
    assert [waits(staff, who) for who in people] == [1, 1, 0, 0]
    with staff.supervisor() as session:
        service.tell_person(session, case, "当面送达", offices=staff.season.offices)
    assert [waits(staff, who) for who in people] == [0, 0, 1, 0]
    with staff.season.as_province() as session:
        left = {(one.office_id, one.kind): one.count for one in unfinished(session, YEAR)}
    assert left[CITY, Unfinished.ACCOUNTABILITY] == 1
    with staff.member() as session:
        service.make_statement(session, case, "申辩")
    assert [waits(staff, who) for who in people] == [0, 1, 0, 0]
    with staff.supervisor("second") as session:
        decide(session, case)
    assert [waits(staff, who) for who in people] == [1, 1, 0, 0]
    with staff.supervisor() as session:
        service.serve_decision(session, case, "当面送达")
    assert [waits(staff, who) for who in people] == [0, 0, 0, 0]


def test_a_settled_case_is_erased_after_its_time_and_an_open_one_is_not(staff: Patrols) -> None:
    case, open_one = told(staff), opened(staff)
    with staff.member() as session:
        service.make_statement(session, case, "申辩")
    with staff.supervisor("second") as session:
        service.clear(session, case, "查无实据")
    later = at(6, 1).replace(year=YEAR + 7)
    with KeeperSession(staff.season.connection, now=later) as session, session.begin():
        due = session.scalars(accountability_due(later - timedelta(days=1825))).all()
        assert due == [case]
        erase_accountability(session, due)
        assert session.scalars(accountability_due(later - timedelta(days=1825))).all() == []
    with staff.season.as_auditor() as session:
        found = queries.tell(session, case)
        assert (found.case.name, found.case.facts, found.statements[0].text) == (ERASED, ERASED, ERASED)
        assert queries.case_of(session, open_one).name != ERASED


ACTS: dict[str, Callable[[Patrols, OfficeSession, UUID], object]] = {
    "tell": lambda staff, session, case: service.tell_person(session, case, "送达", offices=staff.season.offices),
    "state": lambda _, session, case: service.make_statement(session, case, "陈述"),
    "decide": lambda _, session, case: decide(session, case),
    "clear": lambda _, session, case: service.clear(session, case, "不予追究"),
    "drop": lambda _, session, case: service.drop_case(session, case, "撤销"),
    "serve": lambda _, session, case: service.serve_decision(session, case, "送达"),
}
LEADS = {
    **{("opened", "tell", who): "hearing" for who in ("opener", "second")},
    ("opened", "drop", "second"): "dropped",
    **{("hearing", "state", who): "heard" for who in ("opener", "second", "concerned")},
    **{("heard", "state", who): "heard" for who in ("opener", "second", "concerned")},
    ("heard", "decide", "second"): "decided",
    ("heard", "clear", "second"): "cleared",
    **{("decided", "serve", who): "served" for who in ("opener", "second")},
}
"""State, act and actor → the next state, where a case that somebody spoke in is heard; everything else is refused."""


def test_every_sequence_of_acts_stays_within_the_procedure(staff: Patrols) -> None:
    luck = random.Random(56)  # noqa: S311 - a test's choices, not a secret
    people = {
        "opener": staff.supervisor,
        "second": lambda: staff.supervisor("second"),
        "concerned": staff.member,
        "colleague": lambda: staff.member("colleague"),
    }
    case, stands, done = opened(staff), "opened", set()
    for _ in range(260):
        leads = [lead for lead in LEADS if lead[0] == stands]
        right = luck.random() < 0.3
        _, act, who = luck.choice(leads) if right else ("", luck.choice(sorted(ACTS)), luck.choice(sorted(people)))
        after = LEADS.get((stands, act, who))
        with people[who]() as session:
            if after is None:
                with pytest.raises(KaowuError), session.begin_nested():
                    ACTS[act](staff, session, case)
                continue
            ACTS[act](staff, session, case)
        with staff.season.as_auditor() as session:
            assert queries.case_of(session, case).state == {"heard": "hearing"}.get(after, after)
        done.add((stands, act, who))
        stands = after
        if stands in {"served", "cleared", "dropped"}:
            case, stands = opened(staff), "opened"
    assert {lead[:2] for lead in done} == {lead[:2] for lead in LEADS}
