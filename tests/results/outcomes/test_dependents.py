"""What follows where a corrected mark changes a published outcome: the line of the list, and a later list."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from core.errors import Conflict
from core.messages.models import Notice
from core.results.corrections.service import Corrected, ask_for_correction, foretell_grant, grant_correction
from core.results.models.awards import PublicationEntry
from core.results.models.marks import Outcome
from core.reviews import service as reviews
from tests.cases import CITY, Case, at
from tests.results.awards.awarded import closed, drafted, published
from tests.results.conftest import Office


def corrected(office: Office, case: Case, mark: int, *, told: str = "") -> None:
    """Have the mark of 职业能力 corrected; the supervisor reads ``told`` before."""
    with office.at_work() as session:
        new = Corrected(Decimal(mark))
        asked = ask_for_correction(session, case.id, "职业能力", new, reason="误计", evidence="作答记录").id
    with office.at_work("supervisor") as session:
        if told:
            assert foretell_grant(session, asked, offices=office.season.offices) == told
        grant_correction(session, asked, offices=office.season.offices)


def listed(office: Office) -> Case:
    case = office.candidate()
    office.take_in([[office.reference(case), "80", "70", "60"]])
    office.work_out()
    return case


def lines(office: Office) -> list[PublicationEntry]:
    with office.season.as_office(CITY, "supervisor") as session:
        return list(session.scalars(select(PublicationEntry).order_by(PublicationEntry.publication_id)))


def test_a_lowered_mark_strikes_the_line_and_a_later_one_lists_again(office: Office) -> None:
    case = listed(office)
    published(office.season)
    office.season.now = at(10, 10)
    corrected(
        office, case, 59, told="考核结果由“合格”变为“不合格”；1行公示名单作废，1份考核结果须换发，2人将收到通知。"
    )
    (line,) = lines(office)
    assert line.struck_at == at(10, 10)
    assert line.struck_reason == "成绩更正：职业能力由60.0分更正为59.0分"
    with office.season.as_person(case.person) as session:
        outcome = session.get_one(Outcome, case.id)
        assert (outcome.passed, outcome.decided_at) == (False, at(10, 10))
        told = session.scalars(select(Notice.body).where(Notice.kind == "mark_corrected")).one()
        assert "目前的考核结果：不合格（2024年10月10日重新认定）" in told
        assert session.scalars(select(Notice.body).where(Notice.kind == "publication_struck")).one()
    corrected(office, case, 61)
    assert drafted(office.season).entry_count == 1
    assert [line.struck_at for line in lines(office)] == [at(10, 10), None]


def test_a_closed_list_keeps_its_line_and_gives_no_certificate(office: Office) -> None:
    case = listed(office)
    closed(office.season)
    corrected(office, case, 59)
    (line,) = lines(office)
    assert line.struck_at is None


def test_a_correction_that_leaves_the_pass_reaches_no_line(office: Office) -> None:
    case = listed(office)
    published(office.season)
    corrected(office, case, 65, told="考核结果仍为“合格”；1份考核结果须换发，1人将收到通知。")
    assert [line.struck_at for line in lines(office)] == [None]


def test_a_mark_corrected_during_another_review_takes_the_former_pass_back(office: Office) -> None:
    case = listed(office)
    with office.season.as_province() as session:
        reviews.reopen(session, case.id, offices=office.season.offices, reason="有举报")
    corrected(office, case, 59)
    with office.at_work() as session:
        assert session.get(Outcome, case.id) is None
    office.season.approve_at_office(case)
    with pytest.raises(Conflict) as refused:
        drafted(office.season)
    assert refused.value.code == "publication_empty"
