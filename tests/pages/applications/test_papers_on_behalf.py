"""Papers that a unit uploads on a person's behalf, as the person sees them."""

import io
import re
from typing import Any
from uuid import UUID

from PIL import Image
from sqlalchemy import select

from core.audit.models import RecordEntry
from core.db.session import OfficeSession, Role, system_actor
from core.messages.models import Notice
from core.simulate.scans import scan
from core.web.authentication.cookies import SESSION
from tests.callers import Caller, Web
from tests.cases import CITY, answers


def send(web: Web, who: Caller, path: str, opened: str, *, files: Any = None, **fields: str) -> Any:
    """A page's form, as the browser of ``who`` sends it from the page ``opened``."""
    headers = {"Cookie": f"{SESSION}={web.session_of(who)}", "Sec-Fetch-Site": "same-origin"}
    token = re.search(r'name="_csrf" value="([^"]+)"', web.client.get(opened, headers=headers).text)
    assert token is not None
    data = {"_csrf": token[1], **fields}
    return web.client.post(path, data=data, files=files, headers=headers, follow_redirects=False)


def sign_for_paper(web: Web, person: Caller, sanction_id: str) -> None:
    """Receive the paper of a case of sanctions that waits to be served, by page."""
    own = f"/sanctions/own/{sanction_id}"
    signed = send(web, person, f"{own}/receipt", own, files={"content": ("", b"")})
    assert signed.status_code == 303, signed.text


def test_a_unit_uploads_a_paper_of_a_draft_and_the_person_is_told_once(web: Web) -> None:
    unit_id, applicant = web.unit(), web.applicant()
    draft = web.draft(applicant, unit_id, answers())
    manager = web.staff(Role.UNIT_MANAGER, CITY, unit_id)
    papers = f"/unit/people/{draft['id']}/papers"
    for _ in range(2):
        file = {"file": ("照片.png", scan("photo"), "image/png")}
        assert send(web, manager, papers, papers, files=file, material="photo").status_code == 303
    assert "由您代为上传" in web.look(manager, papers).text
    assert "单位代为上传，请核对" in web.look(applicant, f"/my/applications/{draft['id']}/papers").text
    platform = web.platform
    with OfficeSession(platform.engine, actor=system_actor(CITY), now=platform.clock()) as session, session.begin():
        of_case = UUID(draft["id"])
        told = select(Notice).where(Notice.kind == "paper_on_behalf", Notice.application_id == of_case)
        assert len(session.scalars(told).all()) == 1
        entries = select(RecordEntry).where(
            RecordEntry.kind == "document.uploaded", RecordEntry.subject_id == str(of_case)
        )
        marked = [entry.payload.get("on_behalf") for entry in session.scalars(entries)]
        assert marked.count("unit") == 2


def test_a_unit_uploads_the_photo_of_a_draft_by_its_own_form(web: Web) -> None:
    unit_id, applicant = web.unit(), web.applicant()
    draft = web.draft(applicant, unit_id, answers())
    manager = web.staff(Role.UNIT_MANAGER, CITY, unit_id)
    papers = f"/unit/people/{draft['id']}/papers"
    file = {"file": ("照片.png", scan("photo"), "image/png")}
    sent = send(web, manager, papers.replace("papers", "photo"), papers, files=file, material="photo")
    assert (sent.status_code, sent.headers.get("location")) == (303, f"{papers}#paper-photo")
    assert "由您代为上传" in web.look(manager, papers).text


def test_a_unit_uploads_nothing_once_it_is_submitted(web: Web) -> None:
    flow = web.submitted()
    papers = f"/unit/people/{flow.id}/papers"
    assert web.look(flow.manager, papers).status_code == 404
    file = {"file": ("照片.png", scan("photo"), "image/png")}
    sent = send(web, flow.manager, papers.replace("papers", "photo"), f"/unit/cases/{flow.id}", files=file)
    assert (sent.status_code, "由审核人员退回修改" in sent.text) == (422, True)


def test_the_next_page_of_a_paper_is_added_below_the_one_that_is_there(web: Web) -> None:
    unit_id, applicant = web.unit(), web.applicant()
    draft = web.draft(applicant, unit_id, answers())
    manager = web.staff(Role.UNIT_MANAGER, CITY, unit_id)
    page = {"file": ("背面.png", scan("identity_card"), "image/png")}
    heights = [_height(web, applicant, draft["id"])]
    for who, papers in (
        (applicant, f"/my/applications/{draft['id']}/papers"),
        (manager, f"/unit/people/{draft['id']}/papers"),
    ):
        assert "再加一页" in web.look(who, papers).text
        added = send(web, who, papers, papers, files=page, material="identity_card", adds="true")
        assert added.status_code == 303
        heights.append(_height(web, applicant, draft["id"]))
    assert heights == sorted(set(heights))
    assert heights[1] > 2 * heights[0]
    pdf = {"file": ("背面.pdf", b"%PDF-1.4 nothing", "application/pdf")}
    refused = send(
        web,
        applicant,
        papers := f"/my/applications/{draft['id']}/papers",
        papers,
        files=pdf,
        material="identity_card",
        adds="true",
    )
    assert refused.status_code == 422
    assert 'class="field-error"' in refused.text.partition('id="next-identity_card"')[0].rpartition("再加一页")[2]


def _height(web: Web, applicant: Caller, application_id: str) -> int:
    shown = web.look(applicant, f"/my/applications/{application_id}/papers").text
    found = re.search(r'id="paper-identity_card".*?href="(/documents/[^"]+)"', shown, re.DOTALL)
    assert found is not None
    return Image.open(io.BytesIO(web.look(applicant, found[1]).content)).height
