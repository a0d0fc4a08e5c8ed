"""The last step of an application: each fault leads to the page of its field."""

import re
from datetime import date

from core.web.authentication.cookies import SESSION
from tests.callers import Web


def test_what_is_missing_at_the_end_leads_to_the_page_on_which_it_is_filled_in(web: Web) -> None:
    applicant = web.applicant()
    draft = web.draft(applicant, web.unit(), {"first_job_year": 2005, "regularised_on": date(2006, 7, 1)})
    headers = {"Cookie": f"{SESSION}={web.session_of(applicant)}"}
    check = f"/my/applications/{draft['id']}/check"
    page = web.client.get(check, headers=headers).text
    assert "2006年7月1日" in page
    token = re.search(r'name="_csrf" value="([^"]+)"', page)
    assert token is not None
    seen = applicant.get(f"/applications/{draft['id']}").json()["edition"]
    sent = {"_csrf": token[1], "edition": seen, "declared_true": "true"}
    refused = web.client.post(check, data=sent, headers=headers)
    summary = refused.text.partition('class="error-summary"')[2].partition("</div>")[0]
    ways = re.findall(r'href="([^"#]*)#([^"]+)"', summary)
    assert (refused.status_code, bool(ways)) == (422, True)
    for address, field in ways:
        assert f'id="{field}"' in web.client.get(address, headers=headers).text, (address, field)
