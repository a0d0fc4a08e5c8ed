"""Scans and evidence by pages: they come along with the form, are listed with the thing, corrected and opened."""

import gc
import re
import warnings
from typing import Any

import pytest

from core.db.session import Role
from core.web.authentication.cookies import SESSION
from tests.browser.town import Town
from tests.callers import Caller, Web
from tests.cases import CITY
from tests.documents.files import pdf, picture
from tests.pages.results.test_awards import _HERE, _HTML, _TOKEN

_LINK = re.compile(r'href="(/attachments/[0-9a-f-]{36})"')


class Browser:
    """The browser of a caller, without scripts."""

    def __init__(self, web: Web, somebody: Caller | None = None, cookie: str = "") -> None:
        self.client = web.client
        self.held = {"Cookie": cookie or f"{SESSION}={web.session_of(somebody)}"} if somebody or cookie else {}

    def look(self, address: str) -> Any:
        """Open a page or a file."""
        return self.client.get(address, headers=_HTML | self.held, follow_redirects=False)

    def send(self, address: str, *, page: str, content: bytes | None = None, **sent: Any) -> Any:
        """Send the form of a page, with a file where there is one."""
        found = _TOKEN.search(self.look(page).text)
        assert found is not None
        files = {"content": ("照片.jpg", content, "image/jpeg") if content is not None else ("", b"", "")}
        data = {"_csrf": found[1], **sent}
        return self.client.post(address, data=data, files=files, headers=_HERE | self.held, follow_redirects=False)


def as_somebody(web: Web, town: Town, who: str) -> Browser:
    held = town.cookie(who)
    return Browser(web, cookie=f"{held['name']}={held['value']}")


def test_evidence_comes_with_the_suspicion_is_read_and_answered_with_a_paper(web: Web, town: Town) -> None:
    assert town.awards
    supervisor, case = as_somebody(web, town, "supervisor"), town.awards["sanction"]
    person = as_somebody(web, town, "certified")
    page = f"/attachments/sanction_case/{case}"
    added = supervisor.send(page, page=page, content=picture("JPEG"), kind="evidence", title="学校复函")
    assert added.headers["location"] == page
    hidden = supervisor.send(page, page=page, content=pdf(2), kind="lead", title="举报信")
    assert hidden.status_code == 303
    (link,) = _LINK.findall(person.look(f"/sanctions/own/{case}").text)
    shown = person.look(link)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "举报信" not in person.look(page).text
    said = person.send(
        f"/sanctions/own/{case}/statement", page=f"/sanctions/own/{case}", content=pdf(), words="学历属实（测试）"
    )
    assert said.headers["location"] == f"/sanctions/own/{case}"
    assert "陈述申辩材料" in supervisor.look(f"/sanctions/{case}").text
    assert person.send(page, page=f"/sanctions/own/{case}", content=pdf(), kind="evidence").status_code == 403


def test_a_wrong_file_is_corrected_on_its_page_and_both_stay_to_be_seen(web: Web, town: Town) -> None:
    assert town.awards
    supervisor, page = as_somebody(web, town, "supervisor"), f"/attachments/sanction_case/{town.awards['sanction']}"
    supervisor.send(page, page=page, content=pdf(), kind="evidence", title="复函")
    wrong = re.findall(r'<option value="([0-9a-f-]{36})"', supervisor.look(page).text)[0]
    refused = supervisor.send(page, page=page, content=pdf(2), kind="evidence", supersedes=wrong, reason="")
    assert (refused.status_code, "请写明更正的原因" in refused.text) == (422, True)
    right = supervisor.send(page, page=page, content=pdf(2), kind="evidence", supersedes=wrong, reason="拍照不清")
    assert right.status_code == 303
    told = supervisor.look(page).text
    assert ("已被更正" in told, "拍照不清" in told) == (True, True)
    assert supervisor.look(f"/attachments/{wrong}").content == pdf()


def test_a_form_with_a_file_that_cannot_be_kept_keeps_nothing_and_says_why(web: Web, town: Town) -> None:
    assert town.awards
    supervisor, page = as_somebody(web, town, "supervisor"), f"/attachments/sanction_case/{town.awards['sanction']}"
    refused = supervisor.send(page, page=page, content=b"no picture", kind="evidence")
    assert (refused.status_code, "不是可以接受的格式" in refused.text) == (422, True)
    missing = supervisor.send(page, page=page, kind="evidence")
    assert (missing.status_code, "请先选择文件" in missing.text) == (422, True)


def test_an_objector_may_attach_a_paper_that_only_supervisors_open(web: Web, town: Town) -> None:
    out = town.awards["award_out"]
    address = f"/published/{out}"
    sent = {"position": "1", "grounds": "履历不实（测试）", "name": "测试举报人", "mobile": "13800000009"}
    broken = Browser(web).send(address, page=address, content=b"<script>", **sent)
    assert (broken.status_code, "不是可以接受的格式" in broken.text) == (422, True)
    done = Browser(web).send(address, page=address, content=pdf(), **sent)
    assert (done.status_code, "受理编号" in done.text) == (200, True)
    supervisor = as_somebody(web, town, "supervisor")
    (link,) = _LINK.findall(supervisor.look(f"/awards/{out}").text)
    assert supervisor.look(link).content == pdf()
    reviewer = Browser(web, web.staff(Role.CITY_REVIEWER, CITY))
    assert _LINK.findall(reviewer.look(f"/awards/{out}").text) == []
    assert reviewer.look(link).status_code == 404
    assert Browser(web).look(link).headers["location"].startswith("/sign-in")


def test_an_instrument_comes_along_with_the_delegation_and_its_digest_is_shown(web: Web, town: Town) -> None:
    center = as_somebody(web, town, "center")
    terms = {
        "to_office_id": "linshui/yunshan",
        "instrument": "测试〔2024〕9号",
        "mode": "entrusted",
        "stages": "qualification_review",
        "effective_from": "2024-12-01",
        "open_cases": "move",
    }
    made = center.send("/delegations", page="/delegations/new", content=pdf(), **terms)
    assert made.status_code == 303, made.text
    shown = center.look(made.headers["location"]).text
    (link,) = _LINK.findall(shown)
    digest = re.search(r"校验码 ([0-9a-f]{64})", shown)
    assert digest is not None
    assert digest[1] in center.look(f"/attachments/delegation/{made.headers['location'].rsplit('/', 1)[1]}").text
    assert center.look(link).content == pdf()
    assert link in center.look("/attachments").text


def test_a_stamped_form_goes_in_with_its_scan_and_the_office_finds_it(web: Web) -> None:
    unit = web.unit()
    manager = Browser(web, web.staff(Role.UNIT_MANAGER, unit_id=unit))
    details = {
        "name": "测试管理员0001",
        "sex": "female",
        "department": "人事科",
        "post": "科员",
        "office_phone": "0379-00000000",
        "mobile": "13900000000",
    }
    without = manager.send("/unit/manager", page="/unit/manager", **details)
    assert (without.status_code, "请先选择文件" in without.text) == (422, True)
    filed = manager.send("/unit/manager", page="/unit/manager", content=picture("JPEG"), **details)
    assert filed.headers["location"] == "/unit/manager"
    (link,) = _LINK.findall(manager.look("/unit/manager").text)
    officer = Browser(web, web.staff(Role.CITY_REVIEWER, CITY))
    assert link in officer.look("/attachments").text
    assert officer.look(link).headers["content-type"] == "image/jpeg"
    stranger = Browser(web, web.staff(Role.UNIT_MANAGER, unit_id=web.unit()))
    assert stranger.look(link).status_code == 404


def test_the_auditor_reads_what_there_is_and_opens_no_file(town: Town) -> None:
    assert town.awards
    supervisor, auditor = town.person("supervisor"), town.person("auditor")
    asked = {"subject": "sanction_case", "subject_id": town.awards["sanction"]}
    made = supervisor.upload("/attachments", pdf(), kind="evidence", file_name="复函.pdf", **asked)
    assert made.status_code == 201, made.text
    listed = auditor.get("/attachments", **asked).json()
    assert [file["id"] for file in listed] == [made.json()["id"]]
    assert auditor.get(f"/attachments/{made.json()['id']}").status_code == 403


def test_the_same_upload_under_one_key_is_kept_once(web: Web, town: Town) -> None:
    assert town.awards
    supervisor = town.person("supervisor")
    asked = {"subject": "sanction_case", "subject_id": town.awards["sanction"], "kind": "evidence"}
    params = {**asked, "file_name": "复函.pdf"}
    headers = {"Authorization": f"Bearer {supervisor.token}", "Idempotency-Key": "once"}
    first, again = (
        web.client.post("/api/v1/attachments", content=pdf(), params=params, headers=headers) for _ in range(2)
    )
    assert (first.status_code, again.json()) == (201, first.json())


@pytest.mark.parametrize("token", ["", "x" * 40], ids=["without a token", "with a wrong one"])
def test_a_file_of_a_refused_form_is_closed(web: Web, town: Town, token: str) -> None:
    assert town.awards
    supervisor, case = as_somebody(web, town, "supervisor"), town.awards["sanction"]
    gc.collect()
    # A file that is left open says so when it is let go.
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ResourceWarning)
        answer = supervisor.client.post(
            f"/attachments/sanction_case/{case}",
            data={"_csrf": token, "kind": "evidence"},
            files={"content": ("照片.jpg", picture("JPEG"), "image/jpeg")},
            headers=_HERE | supervisor.held,
        )
        assert answer.status_code == 403
        gc.collect()
    assert [str(warning.message) for warning in said if "SpooledTemporaryFile" in str(warning.message)] == []
