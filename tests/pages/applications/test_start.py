"""Beginning an application: until when, and the choice of the unit among those of a province."""

import pytest

from core.organizations import directory
from tests.callers import Web


def test_who_has_not_applied_reads_until_when(web: Web) -> None:
    assert "4月5日24:00截止" in web.look(web.applicant(), "/my").text


def test_units_are_listed_once_a_part_of_the_name_is_given_with_their_place(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = web.submitted()
    other, unit = web.unit(), flow.applicant.get(flow.path).json()["unit_name"]
    monkeypatch.setattr(directory, "PAGE_SIZE", 1)
    applicant = web.applicant()
    everything = web.look(applicant, "/my/start").text
    assert str(other) not in everything
    assert 'name="unit_id"' not in everything
    found = web.look(applicant, f"/my/start?unit={unit}").text
    assert 'name="unit_id"' in found
    assert "受理：" in found.partition(unit + "<")[2].partition("</label>")[0]
    unknown = web.look(applicant, "/my/start?unit=没有的单位").text
    assert 'href="/contacts">查联系方式' in unknown
