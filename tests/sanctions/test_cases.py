"""Sanction cases from suspicion to effect: capacities, order, deadlines, and consequences."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.session import Actor, ProvinceSession, Role
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.identity.service import issue_account
from core.messages.models import Notice
from core.results.awards import certificates, verification
from core.results.awards.certificates import Issued
from core.sanctions import cases, steps
from core.sanctions.cases import Evidence, Measures
from core.sanctions.models import Ban, SanctionCase, SanctionEvidence, SanctionStep
from core.sanctions.procedure import OPEN, CaseAction, CaseClock, CaseState, next_state
from core.sanctions.service import ban_begins
from core.sanctions.steps import CaseSession, allowed
from core.tenancy.config.office import BanStart
from tests import sanctioned
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, Case, Season, at
from tests.results.awards.awarded import RESULTS, certified, closed, issue, passed
from tests.sanctions.test_bans import banned_until

FACTS = "提供虚假学历（测试）"


def proposed(season: Season, case: Case, office: str = CITY) -> UUID:
    with season.as_office(office) as session:  # type: ignore[arg-type]
        return cases.propose(session, case.id, facts=FACTS, evidence=[Evidence("学校复函", sha256="ab" * 32)]).id


def heard(season: Season, case: Case) -> UUID:
    case_id = proposed(season, case)
    sanctioned.heard(season, case_id)
    return case_id


def decided(season: Season, case: Case, measures: Measures | None = None) -> UUID:
    case_id = heard(season, case)
    season.now += timedelta(days=10)
    sanctioned.decided(season, case_id, measures or Measures())
    return case_id


def look(season: Season, case_id: UUID) -> SanctionCase:
    with season.as_province() as session:
        return session.get_one(SanctionCase, case_id)


def notices(season: Season, case: Case) -> list[str]:
    with season.as_person(case.person) as session:
        wanted = select(Notice.kind).where(Notice.kind.startswith("sanction_")).order_by(Notice.id)
        return list(session.scalars(wanted))


def test_a_case_goes_from_suspicion_to_effect_and_the_certificate_is_called_back(season: Season) -> None:
    case, made = certified(season)
    case_id = decided(season, case)
    with pytest.raises(Conflict, match="届满前不执行"), season.as_province() as session:
        cases.carry_out(session, case_id, offices=season.offices)
    with season.as_public() as session:
        standing = verification.standing(session, number=made.number, name=case.person.name)
        assert standing is not None
        assert standing.valid
    season.now += timedelta(days=30)
    with season.as_province() as session:
        cases.carry_out(session, case_id, offices=season.offices)
    assert season.look(case).state == "disqualified"
    with season.as_person(case.person) as session:
        ban = session.scalars(select(Ban)).one()
        assert (ban.begins, ban.ends.astimezone(SHANGHAI).year) == (look(season, case_id).decided_at, 2026)
    with season.as_public() as session:
        standing = verification.standing(session, number=made.number, name=case.person.name)
        assert standing is not None
        assert standing.revoked_at == season.now
        assert banned_until(session, case.person.person_id, season.now) is not None  # type: ignore[arg-type]
    told = ["sanction_hear", "sanction_serve", "sanction_decide", "sanction_serve", "sanction_carry_out"]
    assert notices(season, case) == told
    with season.as_office(CITY, "supervisor") as session:
        certificates.return_paper(session, made.id)


def test_a_county_may_only_propose(season: Season) -> None:
    season.now = at(3, 25)
    case = season.at_office(COUNTY)
    case_id = proposed(season, case, COUNTY)
    with season.as_office(COUNTY) as session:
        assert allowed(session, session.get_one(SanctionCase, case_id)) == ()
        for act in (
            lambda: cases.hear(session, case_id, words="立案", offices=season.offices),
            lambda: cases.drop(session, case_id, words="不立案"),
            lambda: cases.carry_out(session, case_id, offices=season.offices),
        ):
            with pytest.raises(Forbidden, match="只能提出线索"):
                act()
    with season.as_office(CITY, "supervisor") as session:
        assert [notice.kind for notice in session.scalars(select(Notice).where(Notice.kind == "sanction_propose"))] == [
            "sanction_propose"
        ]
        cases.drop(session, case_id, words="证据不足")
    with season.as_office(COUNTY) as session:
        assert session.get_one(SanctionCase, case_id).state == "dropped"


def test_a_county_is_told_of_an_open_case_that_it_does_not_see(season: Season) -> None:
    season.now = at(3, 25)
    case = season.at_office(COUNTY)
    proposed(season, case, CITY)
    with pytest.raises(Conflict) as refused:
        proposed(season, case, COUNTY)
    assert (refused.value.code, "由其他机构办理" in refused.value.detail) == ("sanction_case_open", True)


def test_the_person_sees_the_case_once_it_is_opened_and_speaks_before_the_decision(season: Season) -> None:
    case = passed(season)
    case_id = proposed(season, case)
    with season.as_person(case.person) as session, pytest.raises(NotFound):
        cases.state(session, case_id, words="冤枉")
    sanctioned.heard(season, case_id)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="尚未陈述申辩"):
        cases.clear(session, case_id, words="查无实据")
    with season.as_person(case.person) as session:
        own = session.get_one(SanctionCase, case_id)
        assert allowed(session, own) == (CaseAction.SERVE, CaseAction.STATE, CaseAction.FINISH)
        cases.state(session, case_id, words="学历证书在此")
        assert [evidence.title for evidence in session.scalars(select(SanctionEvidence))] == ["学校复函"]
    with season.as_office(CITY, "supervisor") as session:
        assert cases.clear(session, case_id, words="查无实据").state == "cleared"
    with season.as_province() as session:
        steps = session.scalars(select(SanctionStep).order_by(SanctionStep.version)).all()
    assert [(step.action, step.words) for step in steps] == [
        ("hear", "立案"),
        ("serve", "立案告知书、陈述申辩告知书：直接送达，2024年10月8日"),
        ("state", "学历证书在此"),
        ("clear", "查无实据"),
    ]


def test_nobody_speaks_or_appeals_too_late_or_for_somebody_else(season: Season) -> None:
    case, other = passed(season), passed(season)
    case_id = heard(season, case)
    with season.as_person(other.person) as session, pytest.raises(NotFound):
        cases.state(session, case_id, words="与我无关")
    season.now = RESULTS + timedelta(days=30)
    with season.as_person(case.person) as session, pytest.raises(Conflict, match="届满"):
        cases.state(session, case_id, words="迟到的话")
    sanctioned.decided(season, case_id, Measures())
    season.now += timedelta(days=60)
    with season.as_person(case.person) as session, pytest.raises(Conflict, match="届满"):
        cases.appeal(session, case_id, words="不服")


@pytest.mark.parametrize("stands", [True, False])
def test_an_appeal_goes_to_the_level_above_and_holds_everything_up(season: Season, stands: bool) -> None:
    case = passed(season)
    listed = closed(season)
    case_id = decided(season, case)
    with season.as_person(case.person) as session:
        cases.appeal(session, case_id, words="不服，学历属实")
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Forbidden, match="上一级"):
        cases.uphold(session, case_id, words="维持", offices=season.offices)  # type: ignore[arg-type]
    assert issue(season, listed.id) == Issued(0, 1)
    with season.as_province() as session:
        if stands:
            cases.uphold(session, case_id, words="决定正确", offices=season.offices)
        else:
            cases.overturn(session, case_id, words="学历经核属实")
    assert season.look(case).state == ("disqualified" if stands else "qualified")
    assert issue(season, listed.id) == (Issued(0, 0) if stands else Issued(1, 0))
    with season.as_person(case.person) as session:
        assert len(session.scalars(select(Ban)).all()) == stands


def test_the_officer_who_decided_for_the_province_does_not_decide_the_appeal(season: Season) -> None:
    case = passed(season)
    case_id = heard(season, case)
    season.now += timedelta(days=10)
    with season.as_province() as session:
        cases.decide(session, case_id, words="事实清楚", measures=Measures(), offices=season.offices)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Forbidden):
        cases.carry_out(session, case_id, offices=season.offices)
    with season.as_person(case.person) as session:
        cases.appeal(session, case_id, words="不服")
    with season.as_province() as session, pytest.raises(Forbidden, match="其他人员"):
        cases.overturn(session, case_id, words="撤销")


def test_no_deputy_or_second_account_of_the_decider_decides_the_appeal(season: Season) -> None:
    case, center = passed(season), season.officer(PROVINCE)
    case_id = heard(season, case)
    season.now += timedelta(days=10)
    twin = _account(season, _account(season, None).person_id)
    for_somebody = replace(center, account_id=twin.account_id, on_behalf_of=center.account_id)
    with _at_center(season, for_somebody) as session:
        cases.decide(session, case_id, words="事实清楚", measures=Measures(), offices=season.offices)
    with season.as_person(case.person) as session:
        cases.appeal(session, case_id, words="不服")
    other_account = _account(season, twin.person_id)
    deputy = replace(_account(season, None), on_behalf_of=twin.account_id)
    for actor in (center, other_account, deputy):
        with pytest.raises(DBAPIError, match="not decide the appeal") as refused, _at_center(season, actor) as session:
            cases.overturn(session, case_id, words="撤销")
        assert refused.value.orig.sqlstate == "KW021"  # type: ignore[union-attr]
    with _at_center(season, _account(season, None)) as session:
        assert cases.overturn(session, case_id, words="撤销").state == "overturned"


def _account(season: Season, person_id: UUID | None) -> Actor:
    """An officer of the center with an account of the given person, or of a new one."""
    person = person_id or season.add_person().person_id
    with season.as_system(PROVINCE) as session:
        made = issue_account(
            session,
            login=f"center-{new_id().hex}",
            name="测试省员",
            role=Role.PROVINCIAL_OFFICER,
            office_id=PROVINCE,
            person_id=person,
            valid_from=season.now,
        )
    return Actor(made.id, "测试省员", Role.PROVINCIAL_OFFICER, office_id=PROVINCE, person_id=person)


@contextmanager
def _at_center(season: Season, actor: Actor) -> Iterator[ProvinceSession]:
    with ProvinceSession(season.connection, actor=actor, now=season.now) as session, session.begin():
        yield session


def test_nobody_takes_a_step_in_a_case_against_themselves(season: Season) -> None:
    case = passed(season)
    case_id = heard(season, case)
    season.now += timedelta(days=10)
    with season.as_system(CITY) as session:
        own = issue_account(
            session,
            login=f"own-{new_id().hex}",
            name="测试本人",
            role=Role.CITY_SUPERVISOR,
            office_id=CITY,
            person_id=case.person.person_id,
            valid_from=season.now,
        )
    actor = Actor(own.id, "测试本人", Role.CITY_SUPERVISOR, office_id=CITY)
    for themselves in (actor, replace(season.officer(CITY, "supervisor"), on_behalf_of=own.id)):
        with pytest.raises(DBAPIError, match="own affair"), season.as_office(CITY, actor=themselves) as session:
            cases.clear(session, case_id, words="查无实据")
    with season.as_person(case.person) as session, pytest.raises(Conflict, match="届满"):
        cases.state(session, case_id, words="本人陈述")


def test_who_opened_a_case_does_not_decide_it(season: Season) -> None:
    case = passed(season)
    with season.as_office(CITY, "supervisor") as session:
        case_id = cases.propose(session, case.id, facts=FACTS).id
    sanctioned.heard(season, case_id)
    season.now += timedelta(days=10)
    decide = partial(cases.decide, case_id=case_id, words="属实", measures=Measures(), offices=season.offices)
    deputy = replace(season.officer(CITY, "deputy"), on_behalf_of=season.officer(CITY, "supervisor").account_id)
    for actor in (season.officer(CITY, "supervisor"), replace(deputy, role=Role.CITY_SUPERVISOR)):
        with season.as_office(CITY, actor=actor) as session, pytest.raises(Forbidden, match="另一人作出"):
            decide(session)
    with season.as_province() as session:
        assert decide(session).state == "decided"


def test_the_database_asks_for_a_second_person_to_decide(season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    case = passed(season)
    with season.as_office(CITY, "supervisor") as session:
        case_id = cases.propose(session, case.id, facts=FACTS).id
    sanctioned.heard(season, case_id)
    season.now += timedelta(days=10)
    monkeypatch.setattr(steps, "_check_hands", lambda *_: None)
    with pytest.raises(DBAPIError) as refused, season.as_office(CITY, "supervisor") as session:
        cases.decide(session, case_id, words="属实", measures=Measures(), offices=season.offices)
    assert refused.value.orig.sqlstate == "KW021"  # type: ignore[union-attr]


def test_a_decision_to_revoke_holds_where_no_certificate_was_issued_yet(season: Season) -> None:
    case = passed(season)
    listed = closed(season)
    case_id = decided(season, case, Measures(disqualifies=False, revokes=True, ban_years=0))
    season.now += timedelta(days=30)
    with season.as_province() as session:
        cases.carry_out(session, case_id, offices=season.offices)
    assert season.look(case).state == "qualified"
    assert issue(season, listed.id) == Issued(0, 1)


def test_nobody_is_barred_for_longer_than_the_province_says(season: Season) -> None:
    with pytest.raises(Invalid, match="最长2年"):
        decided(season, passed(season), Measures(ban_years=3))


def test_one_open_case_for_an_application_and_another_city_has_none(season: Season) -> None:
    case = passed(season)
    proposed(season, case)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="未办结"):
        cases.propose(session, case.id, facts=FACTS)
    with season.as_office(OTHER_CITY, "supervisor") as session, pytest.raises(NotFound):
        cases.propose(session, case.id, facts=FACTS)


@pytest.mark.parametrize(
    ("facts", "piece", "says"),
    [
        (" ", Evidence("复函", sha256="ab" * 32), "请写明事实和线索来源"),
        (FACTS, Evidence(" ", sha256="ab" * 32), "请写明证据名称"),
        (FACTS, Evidence("复函"), "请上传照片或扫描件"),
    ],
)
def test_a_case_says_what_happened_and_by_which_evidence(
    season: Season, facts: str, piece: Evidence, says: str
) -> None:
    case = passed(season)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Invalid, match=says):
        cases.propose(session, case.id, facts=facts, evidence=[piece])


def test_evidence_may_be_a_paper_of_the_application_and_of_no_other(season: Season) -> None:
    season.now = at(3, 25)
    case = season.draft()
    paper = season.upload(case, "identity_card")
    season.submit(case)
    season.approve_at_unit(case)
    other = season.at_office()
    with season.as_office(CITY, "supervisor") as session, pytest.raises(NotFound, match="没有找到这份材料"):
        cases.propose(session, other.id, facts=FACTS, evidence=[Evidence("身份证", document_id=paper)])
    with season.as_office(CITY, "supervisor") as session:
        made = cases.propose(session, case.id, facts=FACTS, evidence=[Evidence("身份证", document_id=paper)])
        assert session.scalars(select(SanctionEvidence.document_id)).all() == [paper]
        assert made.office_id == CITY


def test_the_years_of_a_ban_count_from_the_decision_or_from_the_season() -> None:
    assert ban_begins(BanStart.DECISION, year=2024, decided_at=at(11, 5)) == at(11, 5)
    assert ban_begins(BanStart.SEASON, year=2024, decided_at=at(11, 5)) == at(1, 1, 0)


def test_the_database_keeps_a_case_to_its_procedure(season: Season) -> None:
    case = passed(season)
    case_id = heard(season, case)
    ours = SanctionCase.id == case_id
    for values in ({"state": "final"}, {"ban_years": 5}, {"state": "cleared", "version": 3}):
        with pytest.raises(DBAPIError, match="only by a step"), season.as_office(CITY, "supervisor") as session:
            session.execute(update(SanctionCase).where(ours).values(**values))
    for table in (SanctionCase, SanctionStep, SanctionEvidence):
        with pytest.raises(DBAPIError, match="permission denied"), season.as_office(CITY, "supervisor") as session:
            session.execute(delete(table))
    with pytest.raises(DBAPIError, match="not at this time"), season.as_office(CITY, "supervisor") as session:
        _raw_step(session, case_id, "clear", "cleared", CITY)
    season.now += timedelta(days=20)
    with pytest.raises(DBAPIError, match="row-level security"), season.as_person(case.person) as session:
        _raw_step(session, case_id, "clear", "cleared")


def _raw_step(session: CaseSession, case_id: UUID, action: str, end: str, office: str | None = None) -> None:
    session.add(
        SanctionStep(
            case_id=case_id,
            version=3,
            action=action,
            from_state="hearing",
            to_state=end,
            words="绕过服务",
            at=session.now,
            account_id=session.actor.account_id,
            actor_name="测试",
            office_id=office,
        )
    )
    session.flush()


@given(st.lists(st.sampled_from(CaseAction), max_size=12), st.lists(st.integers(0, 20), min_size=12, max_size=12))
def test_no_case_that_is_over_goes_on_and_nothing_is_decided_unheard(
    actions: list[CaseAction], days: list[int]
) -> None:
    state, clock, now = CaseState.PROPOSED, CaseClock(), at(10, 8)
    for action, later in zip(actions, days, strict=False):
        now += timedelta(days=later)
        before = state
        try:
            state = next_state(action, state, clock, now=now)
        except KaowuError:
            continue
        assert before in OPEN
        if action is CaseAction.HEAR:
            clock = CaseClock(hearing_until=now + timedelta(days=7))
        elif action is CaseAction.STATE:
            clock = CaseClock(hearing_until=clock.hearing_until, has_spoken=True)
        elif action is CaseAction.DECIDE:
            assert clock.hearing_until is not None
            assert clock.has_spoken or now >= clock.hearing_until
            clock = CaseClock(clock.hearing_until, now + timedelta(days=15), clock.has_spoken)
        elif action is CaseAction.CARRY_OUT:
            assert clock.appeal_until is not None
            assert now >= clock.appeal_until
