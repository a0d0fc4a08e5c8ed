"""The report of an emergency on paper: everything that was said, with long texts, over pages that are numbered."""

from dataclasses import replace

from core.db.base import new_id
from core.scheduling.emergencies import service
from core.scheduling.emergencies.kinds import EntryKind
from core.scheduling.emergencies.pdf import report_pdf
from tests.reading import pages_of
from tests.scheduling.conftest import Exams
from tests.scheduling.emergencies.test_emergencies import ILLNESS, report, say
from tests.scheduling.exam_day.test_door import exam


def test_the_report_holds_every_line_and_numbers_its_pages(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    long = "第三考场供电中断，考生原地等候。" * 40
    form = replace(ILLNESS, facts=long, sitting_id=sitting.id, numbers=tuple(numbers.values()))
    found = report(exams, form)
    with exams.season.as_province() as session:
        service.acknowledge(session, found.id)
        service.instruct(session, found.id, long, new_id())
    say(exams, found, EntryKind.FINAL)
    with exams.season.as_province() as session:
        service.close_emergency(session, found.id, long, new_id())
        paper = report_pdf(session, found.id, pictures=2)
    pages = pages_of(paper.content)
    text = "".join(pages)
    assert (len(pages) > 1, all(f"第{at}页共{len(pages)}页" in page for at, page in enumerate(pages, 1))) == (
        True,
        True,
    )
    for said in (
        "突发事件报告",
        "考生突发疾病",
        "2份，另附",
        "已收到报告。",
        "指示",
        "终报",
        "办结小结",
        "（机构盖章）",
    ):
        assert said in text, said
    assert all(number in text for number in numbers.values())
    assert all(case.person.name in text for case in cases)
    assert paper.name.startswith("突发事件报告-")
