"""Wherever a trade is typed, its name, initials or code do, and what no list holds is refused beside the field."""

import re
from datetime import date
from typing import Any

import pytest

from core.db.session import Role
from core.domain.identity_number import simulated
from core.plugin_api import Grade, Sex
from core.web.authentication.cookies import SESSION
from tests.callers import Caller, Web, as_json
from tests.cases import CITY, YEAR, answers

HELD = {"staff_category": "regular", "first_job_year": "2005", "education": "2"}
DRIVER = {**HELD, "current_grade": "4", "current_grade_year": "2015"}


def conditions(web: Web, **given: str) -> Any:
    return web.client.get("/eligibility", params=given)


def send(web: Web, somebody: Caller, page: str, *, by_itself: bool = False, **fields: str) -> Any:
    """Fill in a page and send it to where it stands, as a browser does; ``by_itself`` as the page saves itself."""
    headers = {"Cookie": f"{SESSION}={web.session_of(somebody)}"}
    shown = web.client.get(page, headers=headers).text
    hidden = {name: re.search(rf'name="{name}" value="([^"]+)"', shown) for name in ("_csrf", "edition")}
    sent = {name: found[1] for name, found in hidden.items() if found is not None}
    assert sent.keys() == hidden.keys()
    headers |= {"HX-Request": "true"} if by_itself else {}
    return web.client.post(page, data={**sent, **fields}, headers=headers, follow_redirects=False)


def beside(text: str, field: str) -> str:
    """What stands as an error beside a field."""
    found = re.search(rf'id="{field}-error"[^>]*>([^<]*)<', text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("written", ["汽车驾驶员", "LS-2", "LS-2 汽车驾驶员", "驾驶员", "qcjsy"])
def test_the_conditions_are_the_same_however_a_trade_is_named(web: Web, written: str) -> None:
    page = conditions(web, **DRIVER, current_trade=written)
    assert page.status_code == 200
    assert "未开展" not in page.text
    assert "现有等级的工种与申报工种不同" not in page.text
    assert (
        page.text.partition('id="result"')[2]
        == (conditions(web, **DRIVER, current_trade="LS-2").text.partition('id="result"')[2])
    )


def test_initials_find_a_trade_in_the_list_and_the_answer_says_what_was_understood(web: Web) -> None:
    page = conditions(web, **DRIVER, current_trade="qcjsy").text
    assert '<option value="LS-2 汽车驾驶员" label="LS-2 汽车驾驶员 QCJSY">' in page
    assert re.search(r'id="current_trade"[^>]* value="LS-2 汽车驾驶员"', page)
    assert 'action="/eligibility#result"' in page
    applicant = web.applicant()
    made = web.draft(applicant, web.unit())
    form = f"/my/applications/{made['id']}/form/wish"
    saved = send(web, applicant, form, by_itself=True, grade="5", path="ladder", trade="qcjsy")
    assert re.search(r"已保存（[\d:]+）。申报工种：LS-2 汽车驾驶员<", saved.text)
    again = send(web, applicant, form, by_itself=True, grade="5", path="ladder", trade="LS-2 汽车驾驶员")
    assert re.search(r"已保存（[\d:]+）<", again.text)


def test_an_unknown_trade_is_refused_beside_its_field_with_what_comes_close(web: Web) -> None:
    page = conditions(web, **DRIVER, current_trade="货车驾驶员")
    assert page.status_code == 422
    assert "相近的有：汽车驾驶员（LS-2）" in beside(page.text, "current_trade")
    assert 'id="result"' not in page.text


def test_a_trade_that_is_left_empty_asks_and_nothing_is_called_met_by_it(web: Web) -> None:
    page = conditions(web, **DRIVER).text
    assert "尚未选择申报工种" in page
    assert "可以申报" not in page.partition('id="result"')[2]
    assert re.search(r"需核实</span><div><p>[^<]*尚未选择申报工种", page) is not None


def test_the_form_takes_a_name_and_refuses_what_is_no_trade(web: Web) -> None:
    applicant = web.applicant()
    made = web.draft(applicant, web.unit())
    page, path = f"/my/applications/{made['id']}/form/wish", f"/applications/{made['id']}"
    wish = {"grade": "5", "path": "ladder"}
    assert send(web, applicant, page, **wish, trade="汽车驾驶员").status_code == 303
    assert applicant.get(path).json()["trade"] == "LS-2"
    refused = send(web, applicant, page, **wish, trade="司机")
    assert refused.status_code == 422
    assert "没有“司机”这个工种" in beside(refused.text, "trade")
    assert 'value="司机"' in refused.text
    assert applicant.get(path).json()["form"]["trade"] == "LS-2"
    assert 'value="LS-2 汽车驾驶员"' in web.look(applicant, page).text


def test_the_form_that_a_unit_fills_in_reads_trades_the_same_way(web: Web) -> None:
    unit_id = web.unit()
    manager = web.staff(Role.UNIT_MANAGER, CITY, unit_id=unit_id)
    named = {"name": "测试代填者", "id_number": simulated(web.next_number(), date(1980, 5, 6), Sex.MALE)}
    begun = manager.post("/applications", {"year": YEAR, "unit_id": str(unit_id), "applicant": named}).json()
    page = f"/unit/people/{begun['id']}/form/held"
    held = {"current_grade": "5", "current_grade_year": "2015"}
    assert send(web, manager, page, **held, current_trade="花卉工").status_code == 303
    assert manager.get(f"/applications/{begun['id']}").json()["form"]["current_trade"] == "LS-3"
    refused = send(web, manager, page, **held, current_trade="司机")
    assert "没有“司机”这个工种" in beside(refused.text, "current_trade")


def test_a_program_names_a_trade_by_code_or_name_and_by_nothing_else(web: Web) -> None:
    applicant, unit_id = web.applicant(), web.unit()
    form = {**as_json(answers(Grade.FOUR, current_trade="汽车驾驶员", trade="汽车驾驶员"))}
    made = applicant.post("/applications", {"year": YEAR, "unit_id": str(unit_id), "form": form})
    assert made.status_code == 201, made.text
    assert (made.json()["trade"], made.json()["form"]["current_trade"]) == ("LS-2", "LS-2")
    path = f"/applications/{made.json()['id']}/form"
    saved = applicant.put(path, {"form": {**form, "trade": "花卉工"}, "edition": made.json()["edition"]})
    assert saved.json()["trade"] == "LS-3"
    refused = applicant.put(path, {"form": {**form, "trade": "司机"}, "edition": saved.json()["edition"]})
    assert refused.status_code == 422
    assert "没有“司机”这个工种" in refused.text
    opened = web.applicant().post("/applications", {"year": YEAR, "unit_id": str(unit_id), "form": {"trade": "司机"}})
    assert opened.status_code == 422
