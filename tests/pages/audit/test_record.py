"""The pages of the record: proofs that hold, and lists that the address narrows."""

from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.audit.models import RecordSeal
from core.audit.sealing import seal_batch
from core.audit.service import RecordSubject
from core.db.session import Actor, AuditorSession, OfficeSession, Role, SystemSession, system_actor
from tests.callers import Web
from tests.cases import CITY, PROVINCE


def test_a_sealed_entry_is_shown_with_a_proof_that_holds(web: Web) -> None:
    web.submitted()
    engine, now = web.platform.engine, web.clock()
    with SystemSession(engine, actor=system_actor(CITY), now=now) as session, session.begin():
        seal_batch(session, web.platform.record_keys)
    auditor = web.staff(Role.PROVINCIAL_AUDITOR, PROVINCE)
    with AuditorSession(engine, actor=system_actor(PROVINCE), now=now) as session:
        entry = session.scalars(select(RecordSeal.entry_id).where(RecordSeal.office_id == CITY)).first()
    text = web.look(auditor, f"/record/{entry}").text
    assert "核验相符" in text
    assert "核验相符" in web.look(auditor, "/record/seals").text


def test_the_record_is_narrowed_by_what_stands_in_the_address(web: Web) -> None:
    web.submitted()
    auditor = web.staff(Role.PROVINCIAL_AUDITOR, PROVINCE)
    rows = web.look(auditor, f"/record?kind=application.submit&office={CITY}").text
    assert ">提交申请</td>" in rows
    assert ">登记单位</td>" not in rows
    assert "没有符合条件的记录" in web.look(auditor, "/record?until=2020-01-01").text


def test_an_entry_of_a_deputy_names_the_colleague_on_leave_in_list_and_alone(web: Web) -> None:
    absent, deputy = web.staff(Role.CITY_SUPERVISOR), web.staff(Role.CITY_SUPERVISOR)
    ids = [UUID(somebody.get("/me").json()["account_id"]) for somebody in (deputy, absent)]
    actor = Actor(
        ids[0], "测试代办员", Role.CITY_SUPERVISOR, office_id=CITY, on_behalf_of=ids[1], on_behalf_of_name="测试休假员"
    )
    with OfficeSession(web.platform.engine, actor=actor, now=web.clock()) as session, session.begin():
        about = RecordSubject(CITY, "account", ids[1])
        entry = audit.record_on(session, about, "sign_in.unlocked").id
    auditor = web.staff(Role.PROVINCIAL_AUDITOR, PROVINCE)
    assert "（代测试经办员）" in web.look(auditor, f"/record?kind=sign_in.unlocked&office={CITY}").text
    assert "测试经办员（代测试经办员）" in web.look(auditor, f"/record/{entry}").text
