"""The posts that a unit states, as its applicants read them where they choose the grade."""

from core.db.session import Role
from tests.callers import Web
from tests.cases import CITY, answers
from tests.pages.applications.test_papers_on_behalf import send


def test_an_applicant_reads_the_posts_where_the_grade_is_chosen(web: Web) -> None:
    unit_id, applicant = web.unit(), web.applicant()
    draft = web.draft(applicant, unit_id, answers())
    manager, wish = web.staff(Role.UNIT_MANAGER, CITY, unit_id), f"/my/applications/{draft['id']}/form/wish"
    assert "岗位空缺" not in web.look(applicant, wish).text
    wrong = send(web, manager, "/unit/posts", "/unit/posts", vacant_5="两个", policy="择优")
    assert (wrong.status_code, "请填写整数" in wrong.text, "两个" in wrong.text) == (422, True, True)
    assert send(web, manager, "/unit/posts", "/unit/posts", vacant_5="2", policy="按年限择优聘用").status_code == 303
    page = web.look(applicant, wish).text
    assert "空缺2个" in page
    assert "按年限择优聘用" in page
    assert web.look(manager, f"/unit/posts?unit={web.unit()}").status_code == 404
