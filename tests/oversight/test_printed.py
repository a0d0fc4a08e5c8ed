"""The history of a case and the receipt of a filing on paper, read back from the sheet."""

import pytest

from core.errors import Conflict, NotFound
from core.oversight.case_history import tell_story
from core.oversight.history_pdf import history_pdf, receipt_pdf
from tests.cases import CITY, COUNTY, OTHER_CITY, Season, uncertain
from tests.linshui import QINGHE, Linshui, at
from tests.oversight.test_filings import file_dates, receive
from tests.reading import codes_of, pages_of


def test_the_whole_history_of_a_case_is_on_paper_and_names_no_number(season: Season) -> None:
    case = season.at_office(COUNTY, uncertain())
    season.approve_at_office(case, COUNTY)
    with season.as_office(CITY) as session:
        paper, lines = history_pdf(session, case.id), tell_story(session, case.id)
    pages = pages_of(paper.content)
    text = "".join(pages)
    assert "案件办理经过" in pages[0]
    assert f"第{len(pages)}页共{len(pages)}页" in pages[-1]
    assert "（机构盖章）" in text
    for line in lines:
        assert "".join(line.sentence.split())[:20] in text
    assert "19800506" not in text
    with season.as_office(OTHER_CITY) as session, pytest.raises(NotFound):
        history_pdf(session, case.id)


def test_a_receipt_says_what_was_received_and_only_once_it_was(linshui: Linshui) -> None:
    filing_id = file_dates(linshui, at(5, 1))
    with linshui.center(at(5, 2)) as session, pytest.raises(Conflict, match="尚未接收"):
        receipt_pdf(session, filing_id)
    number = receive(linshui, filing_id, at(5, 3))
    with linshui.office(QINGHE, at(5, 4)) as session:
        paper = receipt_pdf(session, filing_id)
    [page] = pages_of(paper.content)
    for said in ("备案回执", str(number), "准予备案", "清河市考核办：", "2024年5月3日", "（盖章）"):
        assert said in page
    [[code]] = codes_of(paper.content)
    assert code.startswith(f"备案回执 {number} ")
