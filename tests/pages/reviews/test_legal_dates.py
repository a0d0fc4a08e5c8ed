"""The dates that bind a person and a unit stand on their pages: the ends of registration and of the unit's review."""

from core.db.session import Role
from tests.callers import Web


def test_a_draft_shows_until_when_it_can_be_submitted_to_its_owner_and_the_unit(web: Web) -> None:
    unit_id, applicant = web.unit(), web.applicant()
    draft = web.draft(applicant, unit_id)
    manager = web.staff(Role.UNIT_MANAGER, unit_id=unit_id)
    assert "您提交申报" in (own := web.look(applicant, f"/my/applications/{draft['id']}").text)
    assert "4月5日24:00截止" in own
    case = web.look(manager, f"/unit/cases/{draft['id']}").text
    assert "没有期限" not in case
    assert "4月5日24:00截止" in case
    people = web.look(manager, "/unit").text
    assert "4月5日24:00截止" in people.partition("<tbody>")[2]


def test_a_unit_reads_its_own_date_on_its_pages(web: Web) -> None:
    flow = web.submitted()
    for address in ("/unit", f"/unit/cases/{flow.id}"):
        page = web.look(flow.manager, address).text
        assert "本单位初审" in page, address
        assert "4月3日24:00截止" in page, address
