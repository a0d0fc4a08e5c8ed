"""Corrections of names and identity numbers: who asks, who examines, who decides, and what follows."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from core.applications.forms import ApplicationDraft
from core.applications.identity import corrections, queries
from core.applications.identity.corrections import Wanted
from core.applications.identity.steps import Kind, State
from core.applications.models import Application, Submission
from core.applications.service import Named, open_draft_for
from core.audit import dependents
from core.audit.dependents import Change
from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import Actor, Role, ScopedSession
from core.domain.consequences import Fact
from core.domain.identity_number import simulated
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity.models import Account, IdentityCorrection, Person
from core.identity.registration.service import open_account
from core.identity.service import claim_person, issue_account
from core.messages.models import Notice
from core.plugin_api import Sex
from core.reviews import service as reviews
from core.security.keys import Place
from tests.cases import CITY, COUNTY, KEYS, OTHER_CITY, YEAR, Case, Season

RIGHT = "测试更正后"
OTHER_NUMBER = simulated(9001, date(1981, 7, 8), Sex.FEMALE)


def wanted(kind: Kind = Kind.SLIP, value: str = RIGHT) -> Wanted:
    return Wanted(kind, value, "录入时同音字写错（测试）", "居民身份证（测试）")


def asked(season: Season, case: Case, what: Wanted | None = None) -> UUID:
    """A correction that the person has asked for."""
    with season.as_person(case.person) as session:
        about = corrections.about_myself(session, KEYS)
        return corrections.ask(session, about, what or wanted(), keys=KEYS).id


def examined(season: Season, case: Case, what: Wanted | None = None) -> UUID:
    """A correction that an officer of the city has examined."""
    made = asked(season, case, what)
    with season.as_office(CITY) as session:
        corrections.examine(session, made, examination="与原件一致")
    return made


def granted(season: Season, case: Case, what: Wanted | None = None) -> UUID:
    """A correction that the city's supervisor has granted."""
    made = examined(season, case, what)
    with season.as_office(CITY, "supervisor") as session:
        corrections.grant(session, made, keys=KEYS)
    return made


def person_of(season: Season, case: Case) -> Person:
    with season.as_person(case.person) as session:
        return session.get_one(Person, case.person.person_id)


def test_a_name_is_put_right_by_two_people_and_the_case_follows(season: Season) -> None:
    case = season.at_office()
    made = granted(season, case)
    assert person_of(season, case).name == RIGHT
    seen = season.look(case)
    assert (seen.person_name, seen.initials) == (RIGHT, "csgzh")
    with season.as_person(case.person) as session:
        line = queries.own_corrections(session, KEYS)[0]
        notice = session.scalars(select(Notice).where(Notice.kind == "identity_granted")).one()
    assert (line.correction.id, line.old_name, line.new_name) == (made, case.person.name, RIGHT)
    assert RIGHT in notice.body
    with season.as_unit(case.unit) as session:
        assert session.scalars(select(Notice.title).where(Notice.kind == "identity_granted")).all()


def test_a_rejected_case_that_is_reviewed_again_has_the_present_name(season: Season) -> None:
    case = season.at_office()
    with season.as_office(CITY) as session:
        reviews.reject(session, case.id, offices=season.offices, reason="年限不足")
    granted(season, case)
    with season.as_province() as session:
        reviews.reopen(session, case.id, offices=season.offices, reason="年限已满")
    seen = season.look(case)
    assert (seen.state, seen.person_name, seen.initials) == ("qualification_review", RIGHT, "csgzh")


def test_the_record_of_a_correction_names_nobody(season: Season) -> None:
    case = season.at_office()
    granted(season, case)
    with season.as_office(CITY) as session:
        entries = session.scalars(select(RecordEntry).where(RecordEntry.kind.like("person.corr%"))).all()
    kinds = ["person.correction_asked", "person.correction_examined", "person.corrected"]
    assert sorted(entry.kind for entry in entries) == sorted(kinds)
    assert {entry.subject_id for entry in entries} == {str(case.id)}
    assert not any(RIGHT in str(entry.payload) or case.person.name in str(entry.payload) for entry in entries)


def test_what_was_pinned_at_the_submission_stays(season: Season) -> None:
    case = season.at_office()
    with season.as_person(case.person) as session:
        before = session.scalars(select(Submission.facts).where(Submission.application_id == case.id)).one()
    granted(season, case, wanted(Kind.NUMBER, OTHER_NUMBER))
    with season.as_person(case.person) as session:
        after = session.scalars(select(Submission.facts).where(Submission.application_id == case.id)).one()
    assert before == after


def test_a_corrected_number_is_sealed_and_found_again(season: Season) -> None:
    case = season.at_office()
    granted(season, case, wanted(Kind.NUMBER, OTHER_NUMBER))
    person = person_of(season, case)
    opened = KEYS.decrypt(person.id_number, Place("persons", "id_number", person.id)).decode()
    assert (opened, person.id_hash) == (OTHER_NUMBER, KEYS.lookup_hash(OTHER_NUMBER))
    assert (person.id_tail, person.birth_date, person.sex) == (OTHER_NUMBER[-4:], date(1981, 7, 8), "female")
    assert season.look(case).id_tail == OTHER_NUMBER[-4:]
    with season.signing_in() as session:
        again = claim_person(session, id_number=OTHER_NUMBER, name=case.person.name, phone=None, keys=KEYS)
    assert again == case.person.person_id


def test_a_number_of_somebody_else_is_refused_with_what_to_do(season: Season) -> None:
    case = season.at_office()
    with season.signing_in() as session:
        claim_person(session, id_number=OTHER_NUMBER, name="测试另一人", phone=None, keys=KEYS)
    with pytest.raises(Conflict, match="不合并两人的登记"):
        asked(season, case, wanted(Kind.NUMBER, OTHER_NUMBER))


def test_a_number_that_is_claimed_in_between_is_refused_at_the_decision(season: Season) -> None:
    case = season.at_office()
    made = examined(season, case, wanted(Kind.NUMBER, OTHER_NUMBER))
    with season.signing_in() as session:
        claim_person(session, id_number=OTHER_NUMBER, name="测试另一人", phone=None, keys=KEYS)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="不合并两人的登记"):
        corrections.grant(session, made, keys=KEYS)


@pytest.mark.parametrize(
    ("what", "match"),
    [
        (wanted(Kind.SLIP, ""), "请填写姓名"),
        (wanted(Kind.NUMBER, "417100198005060019"), "校验位"),
        (Wanted(Kind.SLIP, RIGHT, "", "身份证"), "更正的原因"),
        (Wanted(Kind.SLIP, RIGHT, "写错", ""), "写明依据"),
    ],
)
def test_what_is_asked_for_must_be_possible(season: Season, what: Wanted, match: str) -> None:
    case = season.at_office()
    with pytest.raises(Invalid, match=match):
        asked(season, case, what)


def test_nothing_is_asked_for_that_would_change_nothing(season: Season) -> None:
    case = season.at_office()
    with pytest.raises(Invalid, match="无需更正"):
        asked(season, case, wanted(value=case.person.name))


def test_one_correction_of_a_person_is_open_at_a_time(season: Season) -> None:
    case = season.at_office()
    asked(season, case)
    with pytest.raises(Conflict, match="正在办理"):
        asked(season, case, wanted(value="测试再改"))


def test_a_correction_is_examined_before_it_is_decided(season: Season) -> None:
    made = asked(season, season.at_office())
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="等待核对"):
        corrections.grant(session, made, keys=KEYS)


def test_whoever_examined_does_not_decide(season: Season) -> None:
    made = asked(season, season.at_office())
    with season.as_office(CITY, "supervisor") as session:
        corrections.examine(session, made, examination="与原件一致")
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Forbidden, match="另一人"):
        corrections.grant(session, made, keys=KEYS)
    stands_in = Actor(
        new_id(),
        "测试代办员",
        Role.CITY_SUPERVISOR,
        office_id=CITY,
        on_behalf_of=season.officer(CITY, "supervisor").account_id,
    )
    with season.as_office(CITY, actor=stands_in) as session, pytest.raises(Forbidden, match="另一人"):
        corrections.grant(session, made, keys=KEYS)


def test_the_database_wants_a_second_person_too(season: Season) -> None:
    made = asked(season, season.at_office())
    with season.as_office(CITY, "supervisor") as session:
        corrections.examine(session, made, examination="与原件一致")
    values = {"state": "granted", "decided_at": season.now, "decided_by": season.officer(CITY, "supervisor").account_id}
    with pytest.raises(DBAPIError, match="somebody else"), season.as_office(CITY, "supervisor") as session:
        session.execute(update(IdentityCorrection).where(IdentityCorrection.id == made).values(**values))


def test_nobody_examines_the_correction_of_their_own_name(season: Season) -> None:
    case = season.at_office()
    made = asked(season, case)
    with season.as_office(CITY, "supervisor") as session:
        own = issue_account(
            session,
            login="reviewer-own",
            name="测试兼职员",
            role=Role.CITY_REVIEWER,
            valid_from=session.now,
            office_id=CITY,
            person_id=case.person.person_id,
        )
    officer = Actor(own.id, own.name, Role.CITY_REVIEWER, office_id=CITY)
    with pytest.raises(DBAPIError, match="own affair"), season.as_office(CITY, actor=officer) as session:
        corrections.examine(session, made, examination="与原件一致")


def test_no_correction_is_carried_out_without_a_decision(season: Season) -> None:
    made = examined(season, season.at_office())
    carry_out = "SELECT correct_person(:id, 'x', 'x', 'x', 'x', 'x', '1980-01-01', 'male')"
    for who in ("online", "supervisor"):
        with pytest.raises(DBAPIError, match="was not granted"), season.as_office(CITY, who) as session:
            session.execute(text(carry_out), {"id": made})


def test_a_refused_correction_changes_nothing_and_says_why(season: Season) -> None:
    case = season.at_office()
    made = examined(season, case)
    with season.as_office(CITY, "supervisor") as session:
        with pytest.raises(Invalid, match="不予更正的理由"):
            corrections.refuse(session, made, remark=" ")
        corrections.refuse(session, made, remark="依据不足（测试）")
    assert person_of(season, case).name == case.person.name
    with season.as_person(case.person) as session:
        assert "依据不足" in session.scalars(select(Notice.body).where(Notice.kind == "identity_refused")).one()
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="不予更正"):
        corrections.grant(session, made, keys=KEYS)


def test_an_officer_who_asks_has_examined(season: Season) -> None:
    case = season.at_office()
    with season.as_office(CITY) as session:
        about = corrections.about_case(session, case.id, KEYS)
        made = corrections.ask(session, about, wanted(), keys=KEYS)
        assert made.state == State.EXAMINED
        with pytest.raises(Conflict, match="已核对"):
            corrections.examine(session, made.id, examination="再核对")
    with season.as_office(CITY, "supervisor") as session:
        corrections.grant(session, made.id, keys=KEYS)
    assert season.look(case).person_name == RIGHT


def test_a_county_asks_and_the_city_that_counts_the_case_decides(season: Season) -> None:
    case = season.at_office(COUNTY)
    with season.as_office(COUNTY) as session:
        about = corrections.about_case(session, case.id, KEYS)
        made = corrections.ask(session, about, wanted(), keys=KEYS)
        assert (made.state, made.office_id) == (State.ASKED, CITY)
        with pytest.raises(NotFound):
            corrections.examine(session, made.id, examination="与原件一致")
    with season.as_office(CITY) as session:
        corrections.examine(session, made.id, examination="与原件一致")
    with season.as_office(CITY, "supervisor") as session:
        corrections.grant(session, made.id, keys=KEYS)
    assert season.look(case).person_name == RIGHT


def test_another_city_neither_sees_nor_decides(season: Season) -> None:
    made = examined(season, season.at_office())
    with season.as_office(OTHER_CITY, "supervisor") as session:
        assert session.get(IdentityCorrection, made) is None
        with pytest.raises(NotFound):
            corrections.grant(session, made, keys=KEYS)


def begun(season: Season, name: str, number: str) -> tuple[UUID, UUID]:
    """A draft that a unit begins for a person whom it names; the draft and the unit."""
    unit = season.add_unit()
    with season.as_unit(unit) as session:
        named = Named(name, number)
        made = open_draft_for(session, named, year=YEAR, unit_id=unit, draft=ApplicationDraft(), keys=KEYS)
    return made.id, unit


def test_a_units_slip_is_put_right_at_once_and_the_person_can_register(season: Season) -> None:
    draft, unit = begun(season, "测试写错名", OTHER_NUMBER)
    form = {"id_number": OTHER_NUMBER, "name": RIGHT, "phone": "19900000001"}
    with season.signing_in() as session, pytest.raises(Conflict, match="更正姓名、身份证号"):
        open_account(session, **form, keys=KEYS)
    with season.as_unit(unit) as session:
        about = corrections.about_case(session, draft, KEYS)
        made = corrections.ask(session, about, Wanted(Kind.SLIP, RIGHT, "录入错误"), keys=KEYS)
        assert (made.state, made.at_once) == (State.GRANTED, True)
        assert session.get_one(Application, draft).person_name == RIGHT
    with season.signing_in() as session:
        account = open_account(session, **form, keys=KEYS)
        assert session.get_one(Account, account.account_id).name == RIGHT
    with season.as_office(CITY) as session:
        assert session.scalars(select(IdentityCorrection.id)).all() == []


def test_a_unit_asks_once_the_person_has_an_account(season: Season) -> None:
    draft, unit = begun(season, "测试写错名", OTHER_NUMBER)
    with season.signing_in() as session:
        open_account(session, id_number=OTHER_NUMBER, name="测试写错名", phone="19900000001", keys=KEYS)
    with season.as_unit(unit) as session:
        about = corrections.about_case(session, draft, KEYS)
        assert not corrections.is_own_slip(session, about)
        assert corrections.ask(session, about, wanted(), keys=KEYS).state == State.ASKED


def test_a_unit_never_carries_out_a_correction_of_anothers_person(season: Season) -> None:
    draft, _ = begun(season, "测试写错名", OTHER_NUMBER)
    with season.as_unit(season.add_unit()) as session, pytest.raises(NotFound):
        corrections.about_case(session, draft, KEYS)
    case = season.at_office()
    with season.as_unit(case.unit) as session:
        about = corrections.about_case(session, case.id, KEYS)
        made = corrections.ask(session, about, wanted(), keys=KEYS)
        assert (made.state, made.at_once) == (State.ASKED, False)


def test_an_officer_finds_a_person_by_the_number_on_the_card(season: Season) -> None:
    draft, _ = begun(season, "测试写错名", OTHER_NUMBER)
    with season.as_office(CITY) as session:
        with pytest.raises(NotFound, match="没有以该身份证号登记"):
            corrections.about_number(session, simulated(9002, date(1981, 7, 8), Sex.MALE), KEYS)
        about = corrections.about_number(session, OTHER_NUMBER, KEYS)
        made = corrections.ask(session, about, wanted(), keys=KEYS)
        assert made.state == State.EXAMINED
    with season.as_office(CITY, "supervisor") as session:
        corrections.grant(session, made.id, keys=KEYS)
        assert session.scalar(select(Application.id).where(Application.id == draft)) is None
    with season.as_public() as session:
        assert session.execute(text("SELECT * FROM person_by_number('x')")).all() == []


def test_a_corrected_name_reaches_what_was_issued(season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    followed: list[Change] = []

    def follow(_session: ScopedSession, change: Change) -> None:
        followed.append(change)

    monkeypatch.setattr(dependents, "_followers", lambda: {Fact.PERSON: [follow]})
    case = season.at_office()
    granted(season, case)
    assert [(change.fact, change.applications) for change in followed] == [(Fact.PERSON, (case.id,))]


def test_the_preview_says_who_is_told_and_changes_nothing(season: Season) -> None:
    case = season.at_office()
    made = examined(season, case)
    with season.as_office(CITY, "supervisor") as session:
        assert "1人将收到通知" in corrections.foresee(session, made, KEYS).sentence
    assert person_of(season, case).name == case.person.name
    with season.as_office(CITY, "supervisor") as session:
        assert corrections.grant(session, made, keys=KEYS).state == State.GRANTED


def test_a_former_name_is_kept_with_its_day(season: Season) -> None:
    case = season.at_office()
    granted(season, case, wanted(Kind.CHANGED))
    with season.as_office(CITY) as session:
        former = queries.former_names(session, session.get_one(Application, case.id), KEYS)
    assert [(name.name, name.until, name.kind) for name in former] == [(case.person.name, season.now, Kind.CHANGED)]


def test_an_officer_is_shown_both_numbers_and_it_is_recorded(season: Season) -> None:
    case = season.at_office()
    made = asked(season, case, wanted(Kind.NUMBER, OTHER_NUMBER))
    with season.as_office(CITY) as session:
        _, becomes = corrections.open_in_full(session, made, KEYS)
        assert becomes.id_number == OTHER_NUMBER
        assert session.scalars(select(RecordEntry).where(RecordEntry.kind == "person.correction_opened")).one()
        assert OTHER_NUMBER not in repr(queries.office_corrections(session, KEYS))
