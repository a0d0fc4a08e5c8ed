"""Every negative second half of a two-person act tells somebody concerned, with its reason, through its service."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

import core.db.tables  # noqa: F401 - the metadata knows every table
from core.applications.identity import corrections as corrections_of_names
from core.applications.identity.corrections import Wanted
from core.applications.identity.steps import Kind
from core.audit.events import EVENTS
from core.db.base import Base, new_id
from core.db.session import ANONYMOUS, Actor, OfficeSession, Role, ScopedSession, SignInSession
from core.delegation import service as delegation
from core.delegation.supervision import order_correction
from core.documents.queries import ACCOMMODATION_EVIDENCE
from core.domain.two_person_acts import TWO_PERSON_ACTS, Answer, Told
from core.domain.workflow import Action
from core.identity import factor_removals
from core.identity.factor_removals import RemovalGround
from core.identity.models import SecondFactor
from core.messages.models import Notice, OutboxMessage
from core.organizations import managers
from core.oversight import service as oversight
from core.oversight.years import acts as years
from core.responsibility.patrols.findings import ask_again
from core.responsibility.plans import return_plan
from core.results.awards import objections, reissues, striking
from core.results.awards.certificate_life import Ground as AwardGround
from core.results.corrections import score_checks, service as corrections
from core.results.corrections.score_checks import Ground
from core.results.corrections.service import Corrected
from core.results.evaluation.ranking import return_ranking
from core.results.marks.service import withdraw_import
from core.reviews import service as reviews
from core.reviews.appeals import service as appeals
from core.reviews.decisions.items import ItemVerdict, each_item
from core.reviews.onsite import return_batch
from core.reviews.supervision import overturn
from core.sanctions import cases as sanctions
from core.sanctions.models import Ban, SanctionStep
from core.sanctions.service import refuse_ban, take_over_ban
from core.scheduling.accommodations import service as accommodations
from core.scheduling.allocation.problem import SeatNeed
from core.seasons.phases import Phase
from core.security.keys import Place
from core.tenancy.config.results import ResultsTable
from tests import factories
from tests.cases import CITY, COUNTY, KEYS, PROVINCE, YEAR, Case, Season, at
from tests.delegation.test_supervision import _decided as decided_by_county, _one_item as sampled
from tests.entrusted import Entrusted
from tests.linshui import HEYUAN, QINGHE, Linshui
from tests.oversight.test_filings import file_dates
from tests.responsibility.patrols.conftest import patrols_of
from tests.responsibility.test_plans import filed as filed_plan
from tests.results.awards.awarded import certified, passed, proposed, published
from tests.results.awards.test_publication import object_to, the_objection
from tests.results.conftest import Office, office
from tests.results.evaluation import panel_at_work as panels_at_work
from tests.reviews.test_onsite import _hand_in as handed_in, _to_confirm as to_confirm

__all__ = ["office"]

WHY = "测试理由：与原始记录不符"

Looks = dict[Told, Callable[[], "object"]]
"""For each of those concerned: their session, in which the notice is looked for."""


@contextmanager
def _county(season: Season) -> Iterator[OfficeSession]:
    with season.as_office(COUNTY) as session:
        yield session


def _of(season: Season, case: Case) -> Looks:
    return {
        Told.PERSON: lambda: season.as_person(case.person),
        Told.UNIT: lambda: season.as_unit(case.unit),
        Told.OFFICE: lambda: season.as_office(CITY, "supervisor"),
    }


def _returned(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    season.now = at(3, 25)
    case = season.at_office()
    with season.as_office(CITY) as session:
        items = [ItemVerdict("trade", faulty=True, reason_code="wrong")]
        reviews.return_for_correction(
            session, case.id, offices=season.offices, reason=WHY, items=each_item(session, case.id, but=items)
        )
    return _of(season, case)


def _rejected(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    season.now = at(3, 25)
    case = season.at_office()
    with season.as_office(CITY) as session:
        reviews.reject(session, case.id, offices=season.offices, reason=WHY)
    return _of(season, case)


def _review_appeal_upheld(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    season.now = at(3, 25)
    case = season.at_office(COUNTY)
    with season.as_office(COUNTY) as session:
        reviews.reject(session, case.id, offices=season.offices, reason="材料不符")
    with season.as_person(case.person) as session:
        made = appeals.appeal(session, case.id, grounds="材料属实", offices=season.offices).id
    with season.as_office(CITY, "supervisor") as session:
        appeals.uphold(session, made, answer=WHY)
    return {**_of(season, case), Told.OFFICE: lambda: _county(season)}


def _examined(office: Office) -> Case:
    case = office.candidate()
    office.take_in([[office.reference(case), "59", "60", "70"]])
    return case


def _correction_refused(get: Callable[[str], object]) -> Looks:
    office: Office = get("office")  # type: ignore[assignment]
    case = _examined(office)
    with office.at_work() as session:
        new = Corrected(Decimal(60))
        asked = corrections.ask_for_correction(session, case.id, "岗位技能", new, reason="漏计", evidence="记录").id
    with office.at_work("supervisor") as session:
        corrections.refuse_correction(session, asked, offices=office.season.offices, remark=WHY)
    return _of(office.season, case)


def _marks_withdrawn(get: Callable[[str], object]) -> Looks:
    office: Office = get("office")  # type: ignore[assignment]
    case = office.candidate()
    taken = office.take_in([[office.reference(case), "59", "60", "70"]])
    with office.at_work("supervisor") as session:
        withdraw_import(session, taken, reason=WHY)
    return _of(office.season, case)


def _ranking_returned(get: Callable[[str], object]) -> Looks:
    office: Office = get("office")  # type: ignore[assignment]
    judged = panels_at_work.candidates(office, 140)
    panel = panels_at_work.Panel(office, panels_at_work.formed(office), judged)
    panels_at_work.begun(office, panel.id)
    panel.score_all({judged[0].id: 80})
    panel.close()
    proposed = panel.rank()
    with office.at_work("supervisor") as session:
        return_ranking(session, proposed, reason=WHY)
    return {Told.OFFICE: lambda: office.season.as_office(CITY)}


def _check_dismissed(get: Callable[[str], object]) -> Looks:
    office: Office = get("office")  # type: ignore[assignment]
    case = _examined(office)
    with office.season.as_person(case.person) as session:
        asked = score_checks.ask_for_check(
            session, case.id, "岗位技能", ground=Ground.OWN_RESULT, reason="不符", rules=ResultsTable()
        ).id
    with office.at_work() as session:
        score_checks.dismiss_check(session, asked, answer=WHY)
    return _of(office.season, case)


def _form_returned(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    unit = season.add_unit()
    with season.as_unit(unit) as session:
        form = managers.file_manager_form(session, unit, details=factories.manager_details(), keys=KEYS).id
    with season.as_office(CITY, "supervisor") as session:
        managers.return_manager_form(session, form, remark=WHY)
    return {Told.UNIT: lambda: season.as_unit(unit)}


def _batch_returned(get: Callable[[str], object]) -> Looks:
    world: Entrusted = get("world")  # type: ignore[assignment]
    to_confirm(world)
    batch = handed_in(world)
    with world.officer(QINGHE) as session:
        return_batch(session, batch, remark=WHY)
    return {Told.UNIT: world.unit}


def _filing_returned(get: Callable[[str], object]) -> Looks:
    linshui: Linshui = get("linshui")  # type: ignore[assignment]
    filed = file_dates(linshui, at(5, 20))
    with linshui.center(at(5, 21)) as session:
        oversight.return_filing(session, filed, WHY)
    return {Told.OFFICE: lambda: linshui.office(QINGHE, at(5, 22))}


def _plan_returned(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    made = filed_plan(season)
    with season.as_office(PROVINCE) as session:
        return_plan(session, made, {"file": WHY})
    return {Told.OFFICE: lambda: season.as_office(CITY)}


def _patrol_asked_again(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    patrols = patrols_of(season)
    finding = patrols.found(patrols.arrived(patrols.planned(patrols.places["county"])))
    patrols.answered(finding)
    with patrols.supervisor() as session:
        ask_again(session, finding, WHY, new_id(), answer_by=date(YEAR, 6, 30))
    return {Told.OFFICE: lambda: _county(season)}


def _delegation_cancelled(get: Callable[[str], object]) -> Looks:
    world: Entrusted = get("world")  # type: ignore[assignment]
    made = world.delegation()
    with world.office(QINGHE, world.tick()) as session:
        delegation.cancel(session, made, reason=WHY)
    return {Told.OFFICE: lambda: world.office(HEYUAN, world.now)}


def _correction_ordered(get: Callable[[str], object]) -> Looks:
    world: Entrusted = get("world")  # type: ignore[assignment]
    made, _ = decided_by_county(world, 1)
    item = sampled(world, made)
    with world.office(QINGHE, world.tick()) as session:
        order_correction(session, item, remark=WHY)
    return {Told.OFFICE: lambda: world.office(HEYUAN, world.now)}


def _overturned(get: Callable[[str], object]) -> Looks:
    world: Entrusted = get("world")  # type: ignore[assignment]
    made, _ = decided_by_county(world, 1, action=Action.REJECT)
    item = sampled(world, made)
    with world.office(QINGHE, world.tick()) as session:
        overturn(session, item, offices=get("offices"), reason=WHY)  # type: ignore[arg-type]
    return {Told.OFFICE: lambda: world.office(HEYUAN, world.now)}


def _accommodation_refused(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    season.now = at(3, 25)
    case = season.at_office()
    season.approve_at_office(case)
    season.upload(case, ACCOMMODATION_EVIDENCE)
    with season.as_person(case.person) as session:
        asked = accommodations.ask(session, case.id, needs={SeatNeed.ACCESSIBLE}, reason="测试轮椅").id
    scheduler = Actor(season.officer(CITY, "scheduler").account_id, "测试考务员", Role.SCHEDULER, office_id=CITY)
    with season.as_office(CITY, actor=scheduler) as session:
        accommodations.decide(session, asked, granted=(), decision=WHY)
    return _of(season, case)


def _objection_dismissed(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    passed(season)
    object_to(season, published(season))
    objection = the_objection(season)
    with season.as_office(CITY, "supervisor") as session:
        objections.dismiss(session, objection.id, reason=WHY, keys=KEYS)
    return {Told.OBJECTOR: season.as_operator}


def _line_left(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    case = passed(season)
    made = proposed(season, published(season).id)
    with season.as_office(CITY, "supervisor") as session:
        striking.refuse(session, made.id, remark=WHY, keys=KEYS)
    return _of(season, case)


def _name_left(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    season.now = at(3, 25)
    case = season.at_office()
    what = Wanted(Kind.SLIP, "测试更正后", "录入有误（测试）", "居民身份证（测试）")
    with season.as_office(CITY) as session:
        about = corrections_of_names.about_case(session, case.id, KEYS)
        asked = corrections_of_names.ask(session, about, what, keys=KEYS).id
    with season.as_office(CITY, "supervisor") as session:
        corrections_of_names.refuse(session, asked, remark=WHY)
    return _of(season, case)


def _certificate_left(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    case, made = certified(season)
    with season.as_office(CITY) as session:
        asked = reissues.propose(session, made.id, ground=AwardGround.MISPRINT, reason="工种印错（测试）").id
    with season.as_office(CITY, "supervisor") as session:
        reissues.refuse(session, asked, remark=WHY)
    return _of(season, case)


def _suspected(season: Season) -> tuple[Case, object]:
    """A case that the county reviewed, and its proposal of a case of sanctions."""
    season.now = at(3, 25)
    case = season.at_office(COUNTY)
    with season.as_office(COUNTY) as session:
        return case, sanctions.propose(session, case.id, facts="测试线索").id


def _dropped(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    case, found = _suspected(season)
    with season.as_office(CITY, "supervisor") as session:
        sanctions.drop(session, found, words=WHY)  # type: ignore[arg-type]
    return {**_of(season, case), Told.OFFICE: lambda: _county(season)}


def _cleared(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    case, found = _suspected(season)
    with season.as_office(CITY, "supervisor") as session:
        sanctions.hear(session, found, words="立案", offices=season.offices)  # type: ignore[arg-type]
    with season.as_person(case.person) as session:
        sanctions.state(session, found, words="请核实")  # type: ignore[arg-type]
    with season.as_office(CITY, "supervisor") as session:
        sanctions.clear(session, found, words=WHY)  # type: ignore[arg-type]
    return {**_of(season, case), Told.OFFICE: lambda: _county(season)}


def _close_taken_back(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    with season.as_province() as session:
        years.enter_phase(session, YEAR, Phase.CLOSING, effective=None, reason="测试收尾")
        act_id = years.enter_phase(session, YEAR, Phase.CLOSED, effective=None, reason="测试结束").id
    with season.as_province("second") as session:
        years.cancel_act(session, act_id, reason=WHY)
    return {Told.OFFICE: lambda: season.as_office(PROVINCE)}


def _factor_left(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    owner = factories.make_account(season.connection, "qinghe.owner", role=Role.CITY_REVIEWER, office_id=CITY)
    row = SecondFactor(
        id=new_id(),
        account_id=owner.account_id,
        secret=b"sealed",
        created_at=season.now,
        confirmed_at=season.now,
        recovery_codes=[],
    )
    with SignInSession(season.connection, actor=ANONYMOUS, now=season.now) as session, session.begin():
        session.add(row)
    with season.as_office(CITY, "supervisor") as session:
        made = factor_removals.propose(session, owner.account_id, ground=RemovalGround.OTHER, reason="测试").id
    second = Actor(new_id(), "测试核准员", Role.CITY_SUPERVISOR, office_id=CITY)
    with season.as_office(CITY, actor=second) as session:
        factor_removals.refuse(session, made, remark=WHY)
    return {Told.OFFICE: lambda: season.as_office(CITY)}


def _ban_refused(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    case = season.at_office()
    assert case.person.person_id is not None
    with season.as_province() as session:
        decided = {"instrument": "测试处〔2022〕1号", "begins": season.now.replace(year=2022)}
        ban = take_over_ban(session, person_id=case.person.person_id, reason="测试", **decided)
    with season.as_province("second") as session:
        refuse_ban(session, ban.id, reason=WHY)
    return {**_of(season, case), Told.OFFICE: season.as_province}


def _appeal_upheld(get: Callable[[str], object]) -> Looks:
    season: Season = get("season")  # type: ignore[assignment]
    case, found = _suspected(season)
    with season.as_office(CITY, "supervisor") as session:
        sanctions.hear(session, found, words="立案", offices=season.offices)  # type: ignore[arg-type]
    with season.as_person(case.person) as session:
        sanctions.state(session, found, words="请核实", finished=True)  # type: ignore[arg-type]
    with season.as_office(CITY, "supervisor") as session:
        measures = sanctions.Measures(ban_years=0)
        sanctions.decide(session, found, words="属实", measures=measures, offices=season.offices)  # type: ignore[arg-type]
    with season.as_person(case.person) as session:
        sanctions.appeal(session, found, words="不服")  # type: ignore[arg-type]
    with season.as_province() as session:
        sanctions.uphold(session, found, words=WHY, offices=season.offices)  # type: ignore[arg-type]
    return _of(season, case)


WAYS: dict[str, Callable[[Callable[[str], object]], Looks]] = {
    "application.return": _returned,
    "application.reject": _rejected,
    "review_appeal.upheld": _review_appeal_upheld,
    "mark.correction_refused": _correction_refused,
    "person.correction_refused": _name_left,
    "certificate.reissue_refused": _certificate_left,
    "marks.withdrawn": _marks_withdrawn,
    "ranking.returned": _ranking_returned,
    "score_check.dismissed": _check_dismissed,
    "manager_form.returned": _form_returned,
    "onsite_batch.returned": _batch_returned,
    "filing.returned": _filing_returned,
    "emergency_plan.returned": _plan_returned,
    "patrol.asked_again": _patrol_asked_again,
    "delegation.cancelled": _delegation_cancelled,
    "sample.correction_ordered": _correction_ordered,
    "sample.overturned": _overturned,
    "accommodation.decided": _accommodation_refused,
    "objection.dismissed": _objection_dismissed,
    "striking.refused": _line_left,
    "sanction.drop": _dropped,
    "sanction.clear": _cleared,
    "sanction.uphold": _appeal_upheld,
    "ban.refused": _ban_refused,
    "season.act_cancelled": _close_taken_back,
    "second_factor.removal_refused": _factor_left,
}
REFUSED = [answer for act in TWO_PERSON_ACTS for answer in act.refused]
_RECIPIENTS = {Told.PERSON: "person_id", Told.UNIT: "unit_id", Told.OFFICE: "recipient_office_id"}


@pytest.mark.parametrize("answer", REFUSED, ids=lambda answer: answer.event)
def test_a_negative_second_half_tells_those_concerned_why(answer: Answer, request: pytest.FixtureRequest) -> None:
    looks = WAYS[answer.event](request.getfixturevalue)
    assert answer.told
    for told in answer.told:
        with looks[told]() as session:  # type: ignore[attr-defined]
            said = _messages(session, answer.kind) if told is Told.OBJECTOR else _notices(session, answer.kind, told)
            where = [] if told is Told.OBJECTOR else _where_it_stands(session)
        assert said
        if answer.reason_on_page:
            assert (any(WHY in words for words in said), WHY in where) == (False, True), (told, said)
        else:
            assert any(WHY in words for words in said), (told, said)


def _notices(session: ScopedSession, kind: str, told: Told) -> list[str]:
    recipient = getattr(Notice, _RECIPIENTS[told])
    return list(session.scalars(select(Notice.body).where(Notice.kind == kind, recipient.is_not(None))))


def _where_it_stands(session: ScopedSession) -> list[str]:
    """The reasons in cases of sanctions and bans, as far as the session sees them."""
    steps = session.scalars(select(SanctionStep.words)).all()
    return [*steps, *session.scalars(select(Ban.lift_reason))]


def _messages(session: ScopedSession, kind: str) -> list[str]:
    found = session.execute(select(OutboxMessage.id, OutboxMessage.values).where(OutboxMessage.kind == kind))
    return [KEYS.decrypt(row.values, Place("outbox", "values", row.id)).decode() for row in found]


def test_every_answer_is_an_event_of_the_record() -> None:
    events = {act.asked for act in TWO_PERSON_ACTS}
    events |= {answer.event for act in TWO_PERSON_ACTS for answer in (*act.agreed, *act.refused)}
    assert events <= EVENTS.keys()


def test_every_table_whose_rows_wait_for_a_second_party_is_in_the_list() -> None:
    waiting = {
        table.name
        for table in Base.metadata.sorted_tables
        for column in ("decided_by", "answered_by")
        if column in table.columns and table.columns[column].nullable
    }
    assert waiting <= {act.table for act in TWO_PERSON_ACTS}
