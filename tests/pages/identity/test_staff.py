"""The pages of staff: a first password is shown once."""

import re

from core.db.session import Role
from core.web.authentication.cookies import SESSION
from tests.callers import Caller, Web
from tests.cases import CITY, PROVINCE


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
