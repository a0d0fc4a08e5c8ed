"""Distances: set for a whole list, removed, and their effect on a plan."""

from dataclasses import replace
from uuid import uuid4

import pytest

from core.audit.models import RecordEntry
from core.errors import Forbidden, Invalid, NotFound
from core.scheduling.sites.distances import FARTHEST, distances_of, set_distances
from core.scheduling.sites.service import close_site
from tests.cases import CITY, COUNTY, OTHER_CITY, YEAR, Role
from tests.scheduling.conftest import SITE, Exams, admitted


def test_distances_are_set_for_a_whole_list_replaced_and_taken_back(exams: Exams) -> None:
    site = exams.site()
    with exams.at_work() as session:
        set_distances(session, {})
        set_distances(session, {(COUNTY, site.id): 40, (CITY, site.id): 5})
        set_distances(session, {(COUNTY, site.id): 55})
        assert distances_of(session, YEAR).costs == {(CITY, site.id): 5, (COUNTY, site.id): 55}
        set_distances(session, {(COUNTY, site.id): None, (CITY, site.id): 6})
        assert distances_of(session, YEAR).costs == {(CITY, site.id): 6}
        kept = session.query(RecordEntry).filter_by(kind="site.preferences_set").order_by(RecordEntry.id).all()
        assert [entry.payload["rows"] for entry in kept] == [2, 1, 2]


@pytest.mark.parametrize("cost", [-1, FARTHEST + 1])
def test_a_way_that_cannot_be_is_refused_with_the_whole_list(exams: Exams, cost: int) -> None:
    site = exams.site()
    with exams.at_work() as session:
        with pytest.raises(Invalid):
            set_distances(session, {(CITY, site.id): 5, (COUNTY, site.id): cost})
        assert distances_of(session, YEAR).costs == {}


def test_a_site_that_does_not_serve_the_office_has_no_way_to_it(exams: Exams) -> None:
    other = exams.site(OTHER_CITY)
    with exams.at_work() as session:
        for strange in (other.id, uuid4()):
            with pytest.raises(NotFound):
                set_distances(session, {(CITY, strange): 5})


def test_only_schedulers_say_how_far_it_is(exams: Exams) -> None:
    site = exams.site()
    with exams.at_work(role=Role.EXAMINER) as session, pytest.raises(Forbidden):
        set_distances(session, {(CITY, site.id): 5})


def test_the_table_counts_the_people_of_each_county_and_names_the_nearest_site(exams: Exams) -> None:
    admitted(exams)
    near, far = exams.site(), exams.site(form=replace(SITE, code="K02", name="较远测试考点"))
    with exams.at_work() as session:
        known = distances_of(session, YEAR)
        assert {origin.office_id: origin.people for origin in known.origins} == {CITY: 1, COUNTY: 0}
        assert known.nearest(CITY) == []
        set_distances(session, {(CITY, near.id): 10})
        assert [site.id for site in distances_of(session, YEAR).nearest(CITY)] == [near.id]
        set_distances(session, {(CITY, far.id): 10})
        assert distances_of(session, YEAR).nearest(CITY) == []
        close_site(session, near.id, reason="停电")
        assert [site.id for site in distances_of(session, YEAR).sites] == [far.id]
