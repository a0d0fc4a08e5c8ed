"""An applicant binds an e-mail address by its code, and chooses to be told by it first."""

from core.identity.contacts import TRIES
from tests.api.identity.test_contacts import sent_code
from tests.callers import Web
from tests.pages.applications.test_papers_on_behalf import send

AT = "/my/contact"


def test_an_address_is_bound_by_its_code_and_chosen(web: Web) -> None:
    applicant = web.applicant()
    early = send(web, applicant, AT, AT, channel="email")
    assert (early.status_code, "尚未绑定电子邮箱" in early.text) == (409, True)
    assert send(web, applicant, f"{AT}/email", AT, email="不是邮箱").status_code == 422
    assert send(web, applicant, f"{AT}/email", AT, email="jia0002@example.invalid").status_code == 303
    assert send(web, applicant, f"{AT}/email/confirm", AT, code="not it").status_code == 422
    assert send(web, applicant, f"{AT}/email/confirm", AT, code=sent_code(web)).status_code == 303
    assert "已绑定" in web.look(applicant, AT).text
    assert send(web, applicant, AT, AT, channel="email").status_code == 303
    assert applicant.get("/me/contact").json() == {"prefers": "email", "has_email": True, "waits_for_code": False}


def test_wrong_codes_use_up_their_tries_on_the_page_too(web: Web) -> None:
    applicant = web.applicant()
    assert send(web, applicant, f"{AT}/email", AT, email="yi0002@example.invalid").status_code == 303
    for _ in range(TRIES):
        assert send(web, applicant, f"{AT}/email/confirm", AT, code="000000x").status_code == 422
    late = send(web, applicant, f"{AT}/email/confirm", AT, code=sent_code(web))
    assert (late.status_code, "验证码不正确" in late.text) == (422, True)
