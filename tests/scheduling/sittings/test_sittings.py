"""Sittings: inside the windows of their grades, in free rooms, with warnings about unusual days."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from core.db.base import new_id
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.models import Notice
from core.plugin_api import Grade
from core.scheduling.models.sittings import Sitting, SittingRoom
from core.scheduling.sites.service import serve_office
from core.scheduling.sittings import service as sittings
from core.scheduling.sittings.service import SittingForm
from core.scheduling.sittings.unusual_days import warning_of
from core.scheduling.sittings.view import sitting_view
from tests.cases import CITY, OTHER_CITY, YEAR, at
from tests.scheduling.conftest import NINE, NOON, SITE, SUBJECTS, Exams, admitted, published

FORM = SittingForm(NINE, NOON, SUBJECTS, frozenset({Grade.FIVE}))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ends_at": NINE}, "sitting_times"),
        ({"starts_at": at(6, 21, 23), "ends_at": at(6, 22, 1)}, "sitting_over_midnight"),
        ({"starts_at": at(5, 1), "ends_at": at(5, 1, 11)}, "sitting_past"),
        ({"starts_at": at(5, 31), "ends_at": at(5, 31, 11)}, "outside_exam_window"),
        ({"starts_at": at(10, 1, 0), "ends_at": at(10, 1, 1)}, "outside_exam_window"),
        ({"subjects": ()}, "sitting_incomplete"),
        ({"subjects": ("岗位技能", "岗位技能")}, "sitting_incomplete"),
        ({"grades": frozenset()}, "sitting_incomplete"),
        ({"subjects": ("专业基础知识",)}, "subject_unknown"),
        ({"grades": frozenset({Grade.ONE, Grade.FIVE})}, "subject_unknown"),
        ({"trades": frozenset({"LS-9"})}, "trade_unknown"),
        ({"grades": frozenset({Grade.TWO}), "trades": frozenset({"LS-3"})}, "trade_unknown"),
    ],
)
def test_a_sitting_that_cannot_be_is_refused(exams: Exams, change: dict[str, object], code: str) -> None:
    with exams.at_work() as session, pytest.raises(Invalid) as refused:
        sittings.set_sitting(session, YEAR, replace(FORM, **change))  # type: ignore[arg-type]
    assert refused.value.code == code


def test_a_sitting_may_fill_the_window_to_its_last_moment(exams: Exams) -> None:
    first = replace(FORM, starts_at=at(6, 1, 0), ends_at=at(6, 1, 1))
    last = replace(FORM, starts_at=at(9, 30, 23), ends_at=at(10, 1, 0))
    with exams.at_work() as session:
        for form in (first, last):
            assert sittings.set_sitting(session, YEAR, form).starts_at == form.starts_at


def test_level_one_sits_its_own_subjects_in_the_window_of_its_theory(exams: Exams) -> None:
    form = replace(FORM, grades=frozenset({Grade.ONE}), subjects=("职业道德", "专业基础知识"))
    with exams.at_work() as session:
        assert sittings.set_sitting(session, YEAR, form).grades == [1]


def test_a_room_is_never_used_twice_at_a_time_by_any_office(exams: Exams) -> None:
    site = exams.site()
    room = exams.rooms(site)[0]
    exams.sitting([room.id])
    with exams.at_work() as session:
        serve_office(session, site.id, OTHER_CITY)
    for office in (CITY, OTHER_CITY):
        with pytest.raises(Conflict) as refused:
            exams.sitting([room.id], at(6, 22, 11), at(6, 22, 13), office=office)
        assert refused.value.code == "room_taken"
    exams.sitting([room.id], NOON, at(6, 22, 13), office=OTHER_CITY)


def test_the_database_itself_excludes_two_sittings_in_one_room(exams: Exams) -> None:
    site = exams.site()
    room = exams.rooms(site)[0]
    exams.sitting([room.id])
    other = exams.sitting([], NOON - timedelta(minutes=1), at(6, 22, 13))
    row = {"sitting_id": other.id, "room_id": room.id, "office_id": CITY, "site_id": site.id}
    times = {"room_number": room.number, "starts_at": other.starts_at, "ends_at": other.ends_at}
    with exams.at_work() as session, pytest.raises(IntegrityError, match="one_at_a_time"), session.begin_nested():
        session.execute(insert(SittingRoom), row | times)


def test_the_rooms_of_a_sitting_go_with_it_and_may_not_meet_another(exams: Exams) -> None:
    room = exams.rooms(exams.site())[0]
    early, late = exams.sitting([room.id]), exams.sitting([room.id], at(6, 22, 14), at(6, 22, 16))
    with exams.at_work() as session:
        moved = sittings.move_sitting(session, early.id, starts_at=at(6, 23), ends_at=at(6, 23, 11))
        assert (moved.starts_at, moved.ends_at) == (at(6, 23), at(6, 23, 11))
        times = select(SittingRoom.starts_at, SittingRoom.ends_at).where(SittingRoom.sitting_id == early.id)
        assert tuple(session.execute(times).one()) == (at(6, 23), at(6, 23, 11))
        with pytest.raises(Conflict) as refused:
            sittings.move_sitting(session, early.id, starts_at=at(6, 22, 15), ends_at=at(6, 22, 17))
        assert refused.value.code == "room_taken"
        with pytest.raises(Invalid):
            sittings.move_sitting(session, late.id, starts_at=at(5, 1), ends_at=at(5, 1, 11))


def test_a_sitting_that_is_called_off_frees_its_rooms_and_changes_no_more(exams: Exams) -> None:
    room = exams.rooms(exams.site())[0]
    sitting = exams.sitting([room.id])
    with exams.at_work() as session:
        with pytest.raises(Invalid):
            sittings.cancel_sitting(session, sitting.id, reason="")
        session.expire_all()
        sittings.cancel_sitting(session, sitting.id, reason="设备故障")
        with pytest.raises(Conflict) as refused:
            sittings.use_rooms(session, sitting.id, [room.id])
        assert refused.value.code == "sitting_cancelled"
    exams.sitting([room.id])


def test_a_room_that_was_withdrawn_can_be_used_again(exams: Exams) -> None:
    first, second = exams.rooms(exams.site())
    sitting = exams.sitting([first.id, second.id])
    with exams.at_work() as session:
        sittings.withdraw_rooms(session, sitting.id, [first.id], reason="漏水")
        assert [(room.room_id, room.seats) for room in sittings.rooms_in_use(session, [sitting.id])] == [
            (second.id, 19)
        ]
        assert sittings.use_rooms(session, sitting.id, [first.id]) == 28
        assert [room.room_id for room in sittings.rooms_in_use(session, [sitting.id])] == [first.id, second.id]


def test_a_site_is_used_on_its_open_days_alone(exams: Exams) -> None:
    site = exams.site(form=replace(SITE, opens_on=date(YEAR, 6, 23)))
    with pytest.raises(Conflict) as refused:
        exams.sitting([exams.rooms(site)[0].id])
    assert refused.value.code == "site_not_open"


def test_a_sitting_that_is_over_changes_no_more_and_nobody_else_changes_it(exams: Exams) -> None:
    sitting = exams.sitting([])
    with exams.at_work(OTHER_CITY) as session, pytest.raises(NotFound):
        sittings.cancel_sitting(session, sitting.id, reason="他人")
    with exams.season.as_office(CITY) as session, pytest.raises(Forbidden):
        sittings.cancel_sitting(session, sitting.id, reason="审查人员")
    with exams.at_work() as session, pytest.raises(NotFound):
        sittings.use_rooms(session, sitting.id, [new_id()])
    exams.season.now = NOON
    with exams.at_work() as session, pytest.raises(Conflict) as refused:
        sittings.cancel_sitting(session, sitting.id, reason="迟了")
    assert refused.value.code == "sitting_over"


def test_a_reviewer_reads_the_sittings_of_their_office_and_of_no_other(exams: Exams) -> None:
    sitting = exams.sitting([])
    with exams.season.as_office(CITY) as session:
        assert [sitting.id for sitting in sittings.sittings_of(session, CITY, YEAR)] == [sitting.id]
        assert session.scalars(select(Sitting.id)).all() == [sitting.id]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2024, 6, 22), None),
        (date(2024, 6, 21), None),
        (date(2024, 6, 10), "端午节"),
        (date(2024, 9, 14), "调休上班日"),
        (date(2024, 9, 16), "中秋节"),
        (date(2199, 6, 1), "尚未公布"),
    ],
)
def test_holidays_and_weekends_that_are_worked_are_told(day: date, said: str | None) -> None:
    warning = warning_of(day)
    assert (warning is None) if said is None else (warning is not None and said in warning)


def test_a_room_with_published_seats_is_withdrawn_only_if_the_office_confirms_it(exams: Exams) -> None:
    first, second = exams.rooms(exams.site())
    sitting = exams.sitting([first.id, second.id])
    published(exams, [admitted(exams), admitted(exams)], sitting, first)
    with exams.at_work() as session:
        with pytest.raises(Conflict, match="2名考生的座位已经发布") as refused:
            sittings.withdraw_rooms(session, sitting.id, [first.id, second.id], reason="漏水")
        assert refused.value.code == "rooms_hold_people"
        session.expire_all()
        view = sitting_view(session, sitting)
        assert [(room.room_id, room.people) for room in view.used] == [(first.id, 2), (second.id, 0)]
        assert sittings.withdraw_rooms(session, sitting.id, [second.id], reason="漏水") == 0
        assert sittings.withdraw_rooms(session, sitting.id, [first.id], reason="漏水", unseating=True) == 2
        view = sitting_view(session, sitting)
        assert (view.used, view.seated, view.homeless) == ([], 2, 2)


def test_a_sitting_shows_which_rooms_it_could_use_and_which_are_taken(exams: Exams) -> None:
    first, second = exams.rooms(exams.site())
    sitting = exams.sitting([first.id])
    with exams.at_work() as session:
        assert [(room.room_id, room.taken) for room in sitting_view(session, sitting).free] == [(second.id, False)]
    exams.sitting([second.id], NINE + timedelta(hours=1))
    with exams.at_work() as session:
        assert [(room.room_id, room.taken) for room in sitting_view(session, sitting).free] == [(second.id, True)]


def test_a_sitting_that_moves_tells_its_candidates_the_old_and_the_new_time(exams: Exams) -> None:
    first, _ = exams.rooms(exams.site())
    sitting = exams.sitting([first.id])
    case = admitted(exams)
    published(exams, [case], sitting, first)
    with exams.at_work() as session:
        sittings.move_sitting(session, sitting.id, starts_at=at(6, 23), ends_at=at(6, 23, 12))
    with exams.season.as_person(case.person) as session:
        [notice] = session.scalars(select(Notice).where(Notice.kind == "seats_changed"))
    assert "场次时间调整（原为2024年6月22日 09:00至12:00）" in notice.body
    assert "现安排：2024年6月23日 09:00至12:00" in notice.body


def test_a_sitting_that_has_begun_is_not_moved(exams: Exams) -> None:
    sitting = exams.sitting([exams.rooms(exams.site())[0].id])
    exams.season.now = NINE
    with exams.at_work() as session, pytest.raises(Conflict) as refused:
        sittings.move_sitting(session, sitting.id, starts_at=at(6, 23), ends_at=at(6, 23, 12))
    assert refused.value.code == "sitting_begun"
