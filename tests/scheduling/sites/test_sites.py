"""Sites: refusals, readiness, the offices that a site serves, and its closing."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.db.base import new_id
from core.db.session import Role
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.models import Notice
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import SittingRoom
from core.scheduling.sites import service as sites
from core.scheduling.sites.service import RoomForm, SiteItem
from core.scheduling.sittings.service import rooms_in_use
from tests.cases import CITY, OTHER_CITY, YEAR, at
from tests.scheduling.conftest import SITE, Exams


def test_a_site_is_ready_once_every_item_of_its_checklist_is_signed(exams: Exams) -> None:
    site = exams.site(ready=False)
    with exams.at_work(role=Role.EXAMINER) as session:
        for item in list(SiteItem)[:-1]:
            assert sites.sign_off(session, site.id, item, passed=True).ready_at is None
        assert sites.sign_off(session, site.id, SiteItem.STANDARD_ROOM, passed=True).ready_at == exams.season.now


def test_a_site_is_ready_no_more_once_an_item_fails_and_the_failure_is_explained(exams: Exams) -> None:
    site = exams.site()
    with exams.at_work() as session:
        with pytest.raises(Invalid, match="写明问题"):
            sites.sign_off(session, site.id, SiteItem.POWER, passed=False)
        assert sites.sign_off(session, site.id, SiteItem.POWER, passed=False, remark="备用电源故障").ready_at is None
        latest = sites.checklist(session, site.id)[SiteItem.POWER]
        assert latest is not None
        assert (latest.passed, latest.remark) == (False, "备用电源故障")


def test_the_database_itself_makes_no_site_ready_without_signatures(exams: Exams) -> None:
    site = exams.site(ready=False)
    with exams.at_work() as session, pytest.raises(DBAPIError) as refused, session.begin_nested():
        session.execute(update(ExamSite).where(ExamSite.id == site.id).values(ready_at=session.now))
    assert getattr(refused.value.orig, "sqlstate", "") == "KW018"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": " "}, "site_incomplete"),
        ({"address": ""}, "site_incomplete"),
        ({"closes_on": date(YEAR, 5, 1)}, "site_days"),
    ],
)
def test_a_site_that_cannot_be_found_or_opens_after_it_closes_is_refused(
    exams: Exams, wrong: dict[str, object], code: str
) -> None:
    with exams.at_work() as session, pytest.raises(Invalid) as refused:
        sites.register_site(session, YEAR, replace(SITE, **wrong))  # type: ignore[arg-type]
    assert refused.value.code == code


@pytest.mark.parametrize("room", [RoomForm("", 10), RoomForm("一", 0), RoomForm("一", 5, 5), RoomForm("一", 5, -1)])
def test_a_room_without_a_name_or_without_a_seat_is_refused(exams: Exams, room: RoomForm) -> None:
    site = exams.site()
    with exams.at_work() as session, pytest.raises(Invalid):
        sites.add_rooms(session, site.id, [room])


def test_two_sites_of_an_office_have_two_codes_and_two_rooms_of_a_site_two_names(exams: Exams) -> None:
    site = exams.site()
    with exams.at_work() as session, pytest.raises(Conflict) as refused, session.begin_nested():
        sites.register_site(session, YEAR, SITE)
    assert refused.value.code == "site_code_taken"
    with exams.at_work() as session, pytest.raises(Conflict) as refused, session.begin_nested():
        sites.add_rooms(session, site.id, [RoomForm("第一考场", 10)])
    assert refused.value.code == "room_name_taken"


def test_nobody_but_a_scheduler_of_the_office_changes_its_sites(exams: Exams) -> None:
    site = exams.site()
    for role in (Role.EXAMINER, Role.CITY_REVIEWER):
        with exams.at_work(role=role) as session, pytest.raises(Forbidden):
            sites.add_rooms(session, site.id, [RoomForm("加", 10)])
    with exams.at_work(OTHER_CITY) as session:
        with pytest.raises(NotFound):
            sites.close_site(session, site.id, reason="停电")
        changed = session.execute(update(ExamSite).where(ExamSite.id == site.id).values(name="他人"))
        assert changed.rowcount == 0  # type: ignore[attr-defined]
        foreign = {"id": new_id(), "office_id": OTHER_CITY, "site_id": site.id, "name": "x", "machines": 1}
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(insert(ExamRoom), {**foreign, "reserve_machines": 0, "accessible": False})


def test_a_site_serves_other_offices_as_long_as_its_own_says_so(exams: Exams) -> None:
    site = exams.site()
    rooms = [room.id for room in exams.rooms(site)]
    with pytest.raises(Conflict) as refused:
        exams.sitting(rooms, office=OTHER_CITY)
    assert refused.value.code == "site_not_yours"
    with exams.at_work() as session:
        sites.serve_office(session, site.id, OTHER_CITY)
        sites.serve_office(session, site.id, OTHER_CITY)
        assert [office.id for office in sites.served_offices(session, site.id)] == sorted([CITY, OTHER_CITY])
        with pytest.raises(NotFound):
            sites.serve_office(session, site.id, "linshui/nowhere")
    exams.sitting(rooms, office=OTHER_CITY)
    with exams.at_work(OTHER_CITY) as session:
        assert [site.id for site in sites.sites_for(session, OTHER_CITY, YEAR)] == [site.id]
    with exams.at_work() as session, pytest.raises(Conflict, match="未举行的场次"):
        sites.stop_serving(session, site.id, OTHER_CITY)


def test_a_site_that_drops_out_tells_the_offices_it_served_and_gives_no_seats(exams: Exams) -> None:
    site = exams.site()
    rooms = [room.id for room in exams.rooms(site)]
    with exams.at_work() as session:
        sites.serve_office(session, site.id, OTHER_CITY)
    sitting = exams.sitting(rooms, office=OTHER_CITY)
    with exams.at_work() as session:
        with pytest.raises(Invalid):
            sites.close_site(session, site.id, reason=" ")
        assert sites.close_site(session, site.id, reason="水患") == [sitting.id]
        with pytest.raises(Conflict):
            sites.close_site(session, site.id, reason="水患")
        assert rooms_in_use(session, [sitting.id]) == []
    with exams.at_work(OTHER_CITY) as session:
        told = session.scalars(select(Notice.kind).where(Notice.recipient_office_id == OTHER_CITY)).all()
        assert told == ["site_closed"]
    with pytest.raises(Conflict) as refused:
        exams.sitting(rooms, at(7, 1), at(7, 1, 11))
    assert refused.value.code == "site_not_usable"


def test_the_database_itself_lets_nobody_sit_at_a_site_that_is_not_ready(exams: Exams) -> None:
    site = exams.site(ready=False)
    room, sitting = exams.rooms(site)[0], exams.sitting([])
    row = {"sitting_id": sitting.id, "room_id": room.id, "office_id": CITY, "site_id": site.id}
    times = {"room_number": room.number, "starts_at": sitting.starts_at, "ends_at": sitting.ends_at}
    with exams.at_work() as session, pytest.raises(DBAPIError) as refused, session.begin_nested():
        session.execute(insert(SittingRoom), row | times)
    assert getattr(refused.value.orig, "sqlstate", "") == "KW018"


def test_a_room_with_a_sitting_to_come_is_not_retired(exams: Exams) -> None:
    site = exams.site()
    used, free = exams.rooms(site)
    exams.sitting([used.id])
    with exams.at_work() as session:
        with pytest.raises(Conflict):
            sites.retire_room(session, used.id)
        sites.retire_room(session, free.id)
        assert [room.id for room in sites.rooms_of(session, [site.id])] == [used.id]
        with pytest.raises(NotFound):
            sites.retire_room(session, new_id())


def test_a_site_keeps_the_days_of_its_sittings(exams: Exams) -> None:
    site = exams.site()
    exams.sitting([exams.rooms(site)[0].id])
    with exams.at_work() as session:
        with pytest.raises(Conflict):
            sites.change_site(session, site.id, replace(SITE, closes_on=date(YEAR, 6, 21)))
        moved = sites.change_site(session, site.id, replace(SITE, closes_on=date(YEAR, 6, 22), address="测试路2号"))
        assert (moved.address, moved.closes_on) == ("测试路2号", date(YEAR, 6, 22))
