"""What offices' pages show beyond what the browser tries: a password once, proofs that hold, whose office is seen."""

from __future__ import annotations

import re

from sqlalchemy import select

from core.audit.models import RecordSeal
from core.audit.sealing import seal_batch
from core.db.session import AuditorSession, Role, SystemSession, system_actor
from core.web.authentication.cookies import SESSION
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE
from tests.web.conftest import Caller, Web


def send(web: Web, somebody: Caller, page: str, to: str, **fields: str) -> str:
    """Fill in a form of a page and send it, as a browser does; the text of the answer."""
    headers = {"Cookie": f"{SESSION}={web.session_of(somebody)}"}
    opened = web.client.get(page, headers=headers)
    token = re.search(r'name="_csrf" value="([^"]+)"', opened.text)
    assert token is not None, opened.text
    answer = web.client.post(to, data={"_csrf": token[1], **fields}, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_a_first_password_is_shown_once_and_nowhere_again(web: Web) -> None:
    center = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    fields = {"name": "测试同事", "login": "new-colleague", "role": "city_reviewer", "office_id": CITY}
    answer = send(web, center, "/staff", "/staff", **fields)
    password = re.search(r'<code class="secret">([^<]+)</code>', answer)
    assert password is not None
    account = re.search(r"/staff/([0-9a-f-]{36})/roles", answer)
    assert account is not None
    again = web.look(center, f"/staff/{account[1]}").text
    assert "测试同事" in again
    assert password[1] not in again


def test_an_office_sees_the_offices_above_and_below_it_and_no_neighbour(web: Web) -> None:
    officer = web.staff(Role.CITY_SUPERVISOR, CITY)
    seen = {code: web.look(officer, f"/offices/{code}").status_code for code in (PROVINCE, CITY, COUNTY, OTHER_CITY)}
    assert seen == {PROVINCE: 200, CITY: 200, COUNTY: 200, OTHER_CITY: 404}
    assert web.look(web.staff(Role.OPERATOR, PROVINCE), f"/offices/{OTHER_CITY}").status_code == 200


def test_every_value_of_an_office_names_the_file_and_line_that_set_it(web: Web) -> None:
    text = web.look(web.staff(Role.OPERATOR, PROVINCE), f"/offices/{CITY}?table=policy").text
    assert "policy.county_dates" in text
    assert re.search(r"qinghe/tenant\.toml:\d+", text)


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
