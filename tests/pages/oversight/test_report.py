"""The office's report: the standard figures and the sections of its plugins, on the page and on paper alike."""

import re

from core.db.session import Role
from core.plugin_api import ReportSection
from tests.callers import Web
from tests.cases import CITY, YEAR
from tests.reading import pages_of


def test_the_report_shows_figures_and_the_sections_of_plugins_and_prints_them(web: Web) -> None:
    flow = web.submitted()
    flow.at_office()
    officer = web.staff(Role.CITY_REVIEWER)
    page = web.look(officer, f"/season/report?year={YEAR}").text
    counted = re.search(r'<th scope="row">提交申报</th><td class="num">(\d+)</td>', page)
    assert counted is not None
    digest = re.search(r"校验码 ([0-9a-f]{64})", page)
    assert digest is not None
    paper = web.look(officer, f"/season/report.pdf?year={YEAR}")
    assert paper.headers["content-type"] == "application/pdf"
    text = "".join(pages_of(paper.content))
    assert f"提交申报{counted[1]}" in text
    assert digest[1] in text
    assert "第1页共" in text
    for section in web.platform.offices.hooks(CITY).report_sections(
        web.platform.offices.catalogue.season_view(CITY, YEAR),
        web.platform.offices.catalogue.get(CITY).view(web.clock().date()),
        {"submitted": 1},
    ):
        assert isinstance(section, ReportSection)
        assert section.title in page
        assert section.title in text


def test_a_manager_of_a_unit_has_no_report(web: Web) -> None:
    manager = web.staff(Role.UNIT_MANAGER, CITY, web.unit())
    assert web.look(manager, "/season/report").status_code == 403
