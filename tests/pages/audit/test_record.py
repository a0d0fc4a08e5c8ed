"""The pages of the record: proofs that hold, and lists that the address narrows."""

from sqlalchemy import select

from core.audit.models import RecordSeal
from core.audit.sealing import seal_batch
from core.db.session import AuditorSession, Role, SystemSession, system_actor
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
