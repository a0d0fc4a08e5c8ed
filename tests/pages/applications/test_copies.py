"""Taking an earlier application over into a new draft: what is said before, and what is there afterwards."""

import re
from pathlib import Path
from typing import Any

from core.db.database import Databases
from core.simulate.scans import scan
from core.web.authentication.cookies import SESSION
from tests.callers import Caller, Web
from tests.two_seasons import LATER, account_of, serving_two_seasons, visit


def _copied(web: Web, who: Caller, source: str) -> Any:
    headers = {"Cookie": f"{SESSION}={web.session_of(who)}"}
    address = f"/my/start/copy/{source}"
    page = web.client.get(address, headers=headers)
    assert page.status_code == 200, page.text[:500]
    token = re.search(r'name="_csrf" value="([^"]+)"', page.text)
    assert token is not None
    sent = web.client.post(address, data={"_csrf": token[1]}, headers=headers, follow_redirects=False)
    assert sent.status_code == 303, sent.text[:2000]
    return page.text, str(sent.headers["location"]).split("/")[3]


def test_a_withdrawn_application_is_taken_over_whole_but_for_declarations(web: Web) -> None:
    flow = web.submitted()
    before = flow.applicant.get(flow.path).json()
    assert flow.applicant.post(f"{flow.path}/withdraw", {}).status_code == 200
    assert f"/my/start/copy/{flow.id}" in web.look(flow.applicant, f"/my/applications/{flow.id}").text
    assert f"/my/start/copy/{flow.id}" in web.look(flow.applicant, "/my/start").text
    page, made = _copied(web, flow.applicant, flow.id)
    assert "居民身份证" in page.partition("要重新填写")[0]
    assert "真实性声明" in page.partition("要重新填写")[2]
    after = flow.applicant.get(f"/applications/{made}").json()
    assert after["state"] == "draft"
    stated = {"declared_true", "acknowledgements"}
    assert {name: value for name, value in after["form"].items() if name not in stated} == {
        name: value for name, value in before["form"].items() if name not in stated
    }
    assert not after["form"].get("declared_true")
    papers = flow.applicant.get(f"/applications/{made}/documents").json()
    assert {paper["material"] for paper in papers} == {"identity_card", "photo", "regularisation"}
    originals = flow.applicant.get(f"{flow.path}/documents").json()
    # A photo is checked and saved once more; every other paper is the same file.
    scans = [{paper["sha256"] for paper in one if paper["material"] != "photo"} for one in (papers, originals)]
    assert scans[0] == scans[1]
    assert {paper["id"] for paper in papers}.isdisjoint(paper["id"] for paper in originals)


def test_nobody_takes_over_a_live_application_or_one_of_somebody_else(web: Web) -> None:
    flow, stranger = web.submitted(), web.applicant()
    assert web.look(flow.applicant, f"/my/start/copy/{flow.id}").status_code == 404
    assert flow.applicant.post(f"{flow.path}/withdraw", {}).status_code == 200
    assert web.look(stranger, f"/my/start/copy/{flow.id}").status_code == 404


def test_from_last_year_come_lasting_answers_and_papers_and_the_rest_is_asked_for_again(
    fresh_database: Databases, tmp_path: Path
) -> None:
    with serving_two_seasons(fresh_database, tmp_path) as web:
        applicant = web.applicant()
        draft = web.draft(applicant, web.unit())
        path = f"/applications/{draft['id']}"
        diploma = applicant.upload(f"{path}/documents", scan("diploma"), material="diploma", file_name="diploma.png")
        assert diploma.status_code == 201, diploma.text
        assert applicant.post(f"{path}/submit", {}).status_code == 200
        year, account = draft["form"]["first_job_year"], account_of(applicant)
        web.clock.set(LATER)
        visitor = visit(web, account)
        kept, _, again = visitor.look(f"/my/start/copy/{draft['id']}").text.partition("要重新填写")
        assert "毕业证书" in kept
        for asked in ("申报等级", "申报途径", "申报工种", "年度考核结果", "近期免冠照片", "居民身份证"):
            assert asked in again, asked
        made = visitor.send(f"/my/start/copy/{draft['id']}").headers["location"].split("/")[3]
        assert f'value="{year}"' in visitor.look(f"/my/applications/{made}/form/person").text
        wish = visitor.look(f"/my/applications/{made}/form/wish").text
        assert not re.search(r'name="grade" value="\d"[^>]* checked', wish)
