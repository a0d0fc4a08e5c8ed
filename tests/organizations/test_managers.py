"""The annex form: filed by the unit, accepted by the office of the same level, one manager at a time."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from core.db.session import Actor, Role
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity.roles import actors_of
from core.identity.sign_in.hashing import Hasher
from core.messages.models import Notice
from core.organizations import managers, service
from core.organizations.models import ManagerForm
from core.security.keys import Place
from tests import factories
from tests.factories import CITY, COUNTY, KEYS, NOW, OTHER_CITY


def _signed_in(connection: Connection, account_id: UUID) -> tuple[Actor, ...]:
    with factories.signin_session(connection) as session:
        return actors_of(session, account_id)


def test_an_accepted_form_gives_the_manager_an_account_for_the_unit(province: Connection) -> None:
    unit = factories.make_unit(province)
    access = factories.make_manager(province, unit)
    assert _signed_in(province, access.account_id) == (
        Actor(access.account_id, "测试管理员0001", Role.UNIT_MANAGER, unit_id=unit.id),
    )


def test_the_manager_of_a_unit_with_units_below_also_reviews_as_their_department(province: Connection) -> None:
    department = factories.make_unit(province, "测试局")
    factories.make_unit(province, "测试站", parent_id=department.id)
    access = factories.make_manager(province, department)
    assert [actor.role for actor in _signed_in(province, access.account_id)] == [
        Role.DEPARTMENT_REVIEWER,
        Role.UNIT_MANAGER,
    ]


def test_the_first_unit_below_makes_the_present_manager_a_department_reviewer_once(province: Connection) -> None:
    department = factories.make_unit(province, "测试局")
    access = factories.make_manager(province, department)
    for name in ("测试一站", "测试二站"):
        factories.make_unit(province, name, parent_id=department.id)
    assert [actor.role for actor in _signed_in(province, access.account_id)] == [
        Role.UNIT_MANAGER,
        Role.DEPARTMENT_REVIEWER,
    ]


def test_a_new_form_ends_the_account_of_the_manager_before(province: Connection) -> None:
    unit = factories.make_unit(province)
    before = factories.make_manager(province, unit)
    after = factories.make_manager(province, unit, "测试管理员0002")
    assert _signed_in(province, before.account_id) == ()
    assert [actor.name for actor in _signed_in(province, after.account_id)] == ["测试管理员0002"]
    with factories.office_session(province, CITY) as session:
        forms = session.scalars(select(ManagerForm).where(ManagerForm.unit_id == unit.id).order_by(ManagerForm.id))
        assert [(form.state, form.account_id) for form in forms] == [
            ("superseded", before.account_id),
            ("accepted", after.account_id),
        ]


def test_the_manager_of_a_merged_unit_ends_when_the_successors_manager_is_accepted(province: Connection) -> None:
    first, second = factories.make_unit(province, "测试甲局"), factories.make_unit(province, "测试乙局")
    before = factories.make_manager(province, first)
    with factories.office_session(province, CITY) as session:
        merged = service.merge(
            session, [first.id, second.id], name="测试合局", valid_from=NOW.date(), instrument="临编〔2024〕8号"
        )
        session.commit()
    assert len(_signed_in(province, before.account_id)) == 1
    factories.make_manager(province, merged, "测试管理员0002")
    assert _signed_in(province, before.account_id) == ()


def test_a_unit_files_with_the_office_of_its_own_level_and_is_told_the_outcome(province: Connection) -> None:
    unit = factories.make_unit(province, local_office_id=COUNTY)
    with factories.unit_session(province, unit.id) as session:
        form = managers.file_manager_form(session, unit.id, details=factories.manager_details(), keys=KEYS)
        session.commit()
    assert (form.office_id, form.state, form.filed_at) == (COUNTY, "filed", NOW)
    with factories.office_session(province, CITY) as session, pytest.raises(NotFound):
        managers.accept_manager_form(session, form.id)
    with factories.office_session(province, COUNTY) as session:
        told = session.scalars(select(Notice.kind).where(Notice.recipient_office_id == COUNTY)).all()
        managers.accept_manager_form(session, form.id)
        session.commit()
    with factories.unit_session(province, unit.id) as session:
        kinds = session.scalars(select(Notice.kind).where(Notice.unit_id == unit.id)).all()
    assert (told, kinds) == (["manager_form_filed"], ["manager_form_accepted"])


def test_the_mobile_number_is_stored_encrypted_and_bound_to_its_form(province: Connection) -> None:
    unit = factories.make_unit(province)
    with factories.unit_session(province, unit.id) as session:
        form = managers.file_manager_form(session, unit.id, details=factories.manager_details(), keys=KEYS)
    assert KEYS.decrypt(form.mobile, Place("manager_forms", "mobile", form.id)) == b"13900000000"


def test_every_field_that_is_missing_or_wrong_is_named_at_once(province: Connection) -> None:
    unit = factories.make_unit(province)
    faulty = replace(factories.manager_details(), name=" ", sex="unknown", post="", mobile="123")
    with factories.unit_session(province, unit.id) as session, pytest.raises(Invalid) as refusal:
        managers.file_manager_form(session, unit.id, details=faulty, keys=KEYS)
    assert set(refusal.value.fields) == {"name", "sex", "post", "mobile"}


@pytest.mark.parametrize("field", ["name", "sex", "department", "post", "office_phone", "mobile"])
def test_every_field_of_the_annex_is_required(province: Connection, field: str) -> None:
    unit = factories.make_unit(province)
    with factories.unit_session(province, unit.id) as session, pytest.raises(Invalid) as refusal:
        managers.file_manager_form(
            session, unit.id, details=replace(factories.manager_details(), **{field: ""}), keys=KEYS
        )
    assert set(refusal.value.fields) == {field}


def test_a_returned_form_says_why_and_is_not_accepted_afterwards(province: Connection) -> None:
    unit = factories.make_unit(province)
    with factories.unit_session(province, unit.id) as session:
        form = managers.file_manager_form(session, unit.id, details=factories.manager_details(), keys=KEYS)
        session.commit()
    with factories.office_session(province, CITY) as session:
        with pytest.raises(Invalid):
            managers.return_manager_form(session, form.id, remark=" ")
        returned = managers.return_manager_form(session, form.id, remark="缺少单位公章。")
        assert (returned.state, returned.remark, returned.decided_at) == ("returned", "缺少单位公章。", NOW)
        with pytest.raises(Conflict):
            managers.accept_manager_form(session, form.id)
        session.commit()
    with factories.unit_session(province, unit.id) as session:
        assert "缺少单位公章" in session.scalars(select(Notice.body).where(Notice.unit_id == unit.id)).one()


def test_two_offices_do_not_each_accept_a_manager_of_one_unit(province: Connection) -> None:
    unit = factories.make_unit(province, local_office_id=COUNTY)
    access = factories.make_manager(province, unit)
    with factories.office_session(province, CITY) as session:
        form = managers.file_manager_form(session, unit.id, details=factories.manager_details(), keys=KEYS)
        with pytest.raises(Conflict) as refusal:
            managers.accept_manager_form(session, form.id)
    assert refusal.value.code == "manager_accepted_elsewhere"
    assert len(_signed_in(province, access.account_id)) == 1


def test_an_office_files_no_form_for_a_unit_of_another(province: Connection) -> None:
    unit = factories.make_unit(province)
    with factories.office_session(province, OTHER_CITY) as session, pytest.raises(Forbidden):
        managers.file_manager_form(session, unit.id, details=factories.manager_details(), keys=KEYS)


def test_a_returned_form_names_what_to_mend_field_by_field(province: Connection) -> None:
    unit = factories.make_unit(province)
    with factories.unit_session(province, unit.id) as session:
        form = managers.file_manager_form(session, unit.id, details=factories.manager_details(), keys=KEYS)
        session.commit()
    with factories.office_session(province, CITY) as session:
        with pytest.raises(Invalid, match="没有这一项"):
            managers.return_manager_form(session, form.id, faults={"salary": "测试"})
        faults = {"mobile": "与纸质表不一致", "scan": "公章不清", "post": " "}
        returned = managers.return_manager_form(session, form.id, faults=faults)
        assert returned.faults == {"mobile": "与纸质表不一致", "scan": "公章不清"}
        session.commit()
    with factories.unit_session(province, unit.id) as session:
        told = session.scalars(select(Notice.body).where(Notice.unit_id == unit.id)).one()
    assert told == "手机号码：与纸质表不一致。盖章扫描件：公章不清。请改正后重新报送。"


def test_a_letter_is_issued_once_unless_it_is_asked_for_again(province: Connection) -> None:
    unit = factories.make_unit(province)
    access = factories.make_manager(province, unit)
    hasher = Hasher(passes=1, memory_kib=64)
    with factories.office_session(province, CITY) as session:
        form = session.scalars(select(ManagerForm).where(ManagerForm.account_id == access.account_id)).one()
        letter = managers.issue_access(session, form.id, seen=None, hasher=hasher)
        assert (letter.unit, letter.login, form.access_issued_at) == (unit.name, access.login, NOW)
        with pytest.raises(Conflict) as refusal:
            managers.issue_access(session, form.id, seen=None, hasher=hasher)
        assert refusal.value.code == "access_issued_already"
        again = managers.issue_access(session, form.id, seen=NOW, hasher=hasher)
        session.commit()
    assert again.password != letter.password
    factories.make_manager(province, unit, "测试管理员0002")
    with factories.office_session(province, CITY) as session, pytest.raises(Conflict) as refusal:
        managers.issue_access(session, form.id, seen=NOW, hasher=hasher)
    assert refusal.value.code == "manager_form_not_in_force"
