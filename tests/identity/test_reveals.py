"""A number in full: by its own act, with a reason that is kept, on the record, and for whom it concerns alone."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.applications.reveals import reveal
from core.audit.models import RecordEntry
from core.db.session import OfficeSession, ProvinceSession
from core.delegation.service import CaseChoice
from core.errors import Forbidden, Invalid, NotFound, TooMany
from core.identity.models import Reveal
from core.identity.reveals import Ground, PersonalField, Why, revealed
from core.organizations.managers import file_manager_form
from core.organizations.reveals import reveal_mobile
from tests.cases import CITY, COUNTY, KEYS, OTHER_CITY, Season
from tests.factories import id_number, manager_details
from tests.isolation.matrix import take_back

WHY = "与公安部门核对身份"


def number(session: OfficeSession | ProvinceSession, case: UUID, reason: str = WHY) -> str:
    return reveal(session, case, field=PersonalField.ID_NUMBER, why=Why(Ground.OTHER, reason), most=3, keys=KEYS)


def test_the_office_in_charge_is_shown_the_number_and_the_story_of_the_case_says_so(season: Season) -> None:
    case = season.at_office()
    with season.as_office(CITY) as session:
        assert number(session, case.id) == id_number(1)
        kept = session.scalars(select(Reveal)).one()
        entry = session.scalars(select(RecordEntry).where(RecordEntry.kind == "person.revealed")).one()
    assert (kept.office_id, kept.account_id, kept.subject_id, kept.reason) == (
        CITY,
        season.officer(CITY).account_id,
        case.id,
        WHY,
    )
    assert (entry.subject_type, entry.subject_id) == ("application", str(case.id))
    assert entry.payload == {"reveal": str(kept.id), "field": "id_number", "ground": "other"}


def test_the_center_is_shown_it_as_everybodys_supervisor(season: Season) -> None:
    case = season.at_office()
    with season.as_province() as session:
        assert number(session, case.id) == id_number(1)


def test_a_stranger_finds_no_case_and_an_office_that_was_in_charge_once_is_refused(season: Season) -> None:
    case = season.at_office(COUNTY)
    with season.as_office(COUNTY) as session:
        assert number(session, case.id) == id_number(1)
    take_back(season, CaseChoice.MOVE)
    with season.as_office(COUNTY) as session, pytest.raises(Forbidden, match="不由您所在机构办理"):
        number(session, case.id)
    with season.as_office(OTHER_CITY) as session, pytest.raises(NotFound):
        number(session, case.id)


@pytest.mark.parametrize("reason", ["", " \n", ".", "……", "查看"])
def test_without_a_reason_nothing_is_shown(season: Season, reason: str) -> None:
    case = season.at_office()
    with season.as_office(CITY) as session, pytest.raises(Invalid, match="理由"):
        number(session, case.id, reason)


def test_what_was_never_filled_in_cannot_be_shown(season: Season) -> None:
    case = season.at_office()
    with season.as_office(CITY) as session, pytest.raises(NotFound, match="没有登记"):
        reveal(session, case.id, field=PersonalField.PHONE, why=Why(Ground.CALL), most=3, keys=KEYS)


def test_a_managers_mobile_number_is_revealed_to_the_office_of_the_form(season: Season) -> None:
    unit_id = season.add_unit()
    with season.as_unit(unit_id) as session:
        form = file_manager_form(session, unit_id, details=manager_details(), keys=KEYS)
    with season.as_office(OTHER_CITY) as session, pytest.raises(NotFound):
        reveal_mobile(session, form.id, why=Why(Ground.CALL), most=3, keys=KEYS)
    with season.as_office(CITY) as session:
        assert reveal_mobile(session, form.id, why=Why(Ground.CALL), most=3, keys=KEYS) == manager_details().mobile
        assert session.scalars(select(Reveal.subject_type)).one() == "manager_form"


def test_a_ground_of_the_list_needs_no_text_and_keeps_none(season: Season) -> None:
    case = season.at_office()
    with season.as_office(CITY) as session:
        why = Why(Ground.COMPARE, "不应保存的文字")
        reveal(session, case.id, field=PersonalField.ID_NUMBER, why=why, most=3, keys=KEYS)
        kept = session.scalars(select(Reveal)).one()
    assert (kept.ground, kept.reason) == ("compare", "与证件、档案或登记表核对")
    assert kept.account_name == season.officer(CITY).name


def test_an_officer_is_shown_so_many_numbers_in_an_hour_and_another_their_own(season: Season) -> None:
    case = season.at_office()
    with season.as_office(CITY) as session:
        for _ in range(3):
            number(session, case.id)
        with pytest.raises(TooMany) as refusal:
            number(session, case.id)
        assert refusal.value.retry_after == 3601
        session.commit()
    with season.as_province() as session:
        assert number(session, case.id) == id_number(1)
        session.commit()
    season.now += timedelta(hours=1)
    with season.as_office(CITY) as session:
        assert number(session, case.id) == id_number(1)


def test_the_head_of_a_city_sees_the_reveals_of_its_counties_and_a_reviewer_those_of_its_office(season: Season) -> None:
    case = season.at_office(COUNTY)
    with season.as_office(COUNTY) as session:
        number(session, case.id)
        session.commit()
    with season.as_office(CITY, "supervisor") as session:
        ((seen,), _) = revealed(session)
        assert (seen.office_id, seen.reason) == (COUNTY, WHY)
    for office in (CITY, OTHER_CITY):
        with season.as_office(office) as session:
            assert revealed(session) == ([], None)
