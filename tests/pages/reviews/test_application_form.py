"""The application form on paper: what it prints, who may print it, and whether its code is the latest."""

from core.db.session import Role
from tests.callers import Caller, Flow, Web
from tests.cases import OTHER_CITY
from tests.reading import codes_of, pages_of


def _printed(web: Web, who: Caller, address: str) -> bytes:
    answer = web.look(who, f"{address}/paper-form")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text[:300]
    return bytes(answer.content)


def _code(content: bytes) -> str:
    (code,) = codes_of(content)[0]
    return code


def _checked(web: Web, who: Caller, content: bytes) -> str:
    return str(web.look(who, f"/verify/form?code={_code(content)}").text)


def _submitted_again(flow: Flow) -> None:
    item = {"item": "first_job_year", "faulty": True, "reason_code": "differs_from_file"}
    returned = flow.manager.decide(flow.path, "return", item, reason="工作年份与档案不符").json()
    form = {**returned["form"], "first_job_year": returned["form"]["first_job_year"] - 1}
    saved = flow.applicant.put(f"{flow.path}/form", {"form": form, "edition": returned["edition"]})
    assert saved.status_code == 200, saved.text
    assert flow.applicant.post(f"{flow.path}/submit", {}).json()["round"] == 2


def test_the_form_prints_what_was_submitted_with_room_for_every_stamp(web: Web) -> None:
    flow = web.submitted()
    content = _printed(web, flow.applicant, f"/my/applications/{flow.id}")
    first, second = pages_of(content)
    found = flow.applicant.get(flow.path).json()
    for told in (found["reference"], found["unit_name"], found["person_name"], "第1次提交", "1980年5月6日", "五级"):
        assert told in first, told
    assert f"{found['form']['first_job_year']}年" in first
    for box in ("所在单位审核意见", "主管部门审核意见", "工考管理机构审查意见", "申报人签名"):
        assert box in second, box


def test_unit_and_office_print_the_same_edition_and_others_none(web: Web) -> None:
    flow = web.submitted()
    own = _printed(web, flow.applicant, f"/my/applications/{flow.id}")
    assert pages_of(_printed(web, flow.manager, f"/unit/cases/{flow.id}")) == pages_of(own)
    flow.at_office()
    office = web.staff(Role.CITY_REVIEWER)
    assert _code(_printed(web, office, f"/desk/cases/{flow.id}")) == _code(own)
    stranger, elsewhere = web.applicant(), web.staff(Role.CITY_REVIEWER, OTHER_CITY)
    assert web.look(stranger, f"/my/applications/{flow.id}/paper-form").status_code == 404
    assert web.look(elsewhere, f"/desk/cases/{flow.id}/paper-form").status_code == 404


def test_a_draft_has_no_form_to_print(web: Web) -> None:
    applicant = web.applicant()
    draft = web.draft(applicant, web.unit())
    assert web.look(applicant, f"/my/applications/{draft['id']}/paper-form").status_code == 404


def test_the_code_says_whether_the_paper_is_the_latest(web: Web) -> None:
    flow = web.submitted()
    paper = _printed(web, flow.applicant, f"/my/applications/{flow.id}")
    assert "与平台现有内容一致" in _checked(web, flow.applicant, paper)
    assert "与平台现有内容一致" in _checked(web, flow.manager, paper)
    public = web.client.get(f"/verify/form?code={_code(paper)}").text
    assert "由本平台生成" in public
    assert "与平台现有内容一致" not in public
    name = flow.applicant.get(flow.path).json()["person_name"]
    assert name not in public

    withdrawn = flow.applicant.post(f"{flow.path}/withdraw", {})
    assert withdrawn.status_code == 200, withdrawn.text
    assert "申报已终结" in _checked(web, flow.applicant, paper)


def test_a_paper_of_an_earlier_submission_is_out_of_date(web: Web) -> None:
    flow = web.submitted()
    address = f"/my/applications/{flow.id}"
    paper, year = _printed(web, flow.applicant, address), flow.first_job_year
    _submitted_again(flow)
    assert "此后申报又修改并重新提交" in _checked(web, flow.applicant, paper)
    again = _printed(web, flow.applicant, address)
    assert "第2次提交" in pages_of(again)[0]
    assert f"{year - 1}年" in pages_of(again)[0]
    assert "与平台现有内容一致" in _checked(web, flow.applicant, again)


def test_a_code_that_was_changed_is_none_of_ours(web: Web) -> None:
    flow = web.submitted()
    code = _code(_printed(web, flow.applicant, f"/my/applications/{flow.id}"))
    changed = code[:9] + ("A" if code[9] != "A" else "B") + code[10:]
    assert "这不是本平台生成的申报表" in web.client.get(f"/verify/form?code={changed}").text
