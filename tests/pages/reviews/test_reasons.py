"""The page of a case asks for the reason of each item that the reviewer calls faulty."""

import re

from core.web.authentication.cookies import SESSION
from tests.callers import Web


def test_a_fault_without_a_reason_is_asked_for_beside_the_item_and_nothing_else_is_lost(web: Web) -> None:
    flow = web.submitted()
    headers = {"Cookie": f"{SESSION}={web.session_of(flow.manager)}", "Sec-Fetch-Site": "same-origin"}
    address = f"/unit/cases/{flow.id}"
    read = web.client.get(address, headers=headers).text
    fields = dict(re.findall(r'<input type="hidden" name="(_csrf|version)" value="([^"]+)"', read))
    fields |= {f"verdict_{item}": "correct" for item in set(re.findall(r'name="verdict_(\w+)"', read))}
    faulty = {"verdict_photo": "faulty", "code_photo": "", "verdict_education": "faulty", "code_education": "other"}
    sent = web.client.post(f"{address}/return", data={**fields, **faulty, "reason": "请更正"}, headers=headers)
    assert sent.status_code == 422
    assert '<a href="#code_photo">近期免冠照片：请选择有误的原因。</a>' in sent.text
    assert re.search(r'<select[^>]*id="code_photo"[^>]* aria-invalid="true"', sent.text)
    assert re.search(r'<input[^>]*id="note_education"[^>]* aria-invalid="true"', sent.text)
    assert re.search(r'value="faulty"[^>]* checked', sent.text)
    said = {"code_photo": "unclear", "note_education": "与毕业证书不符"}
    sent = web.client.post(
        f"{address}/return",
        data={**fields, **faulty, **said, "reason": "请更正"},
        headers=headers,
        follow_redirects=False,
    )
    assert sent.status_code == 303
    told = web.look(flow.applicant, f"/my/applications/{flow.id}").text
    assert "图像不清晰" in told
    assert "与毕业证书不符" in told
