"""Training: inside its window, for fitting candidates, limited by places, with a certificate for attendance."""

from dataclasses import replace

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from core.db.base import new_id
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.plugin_api import Grade
from core.scheduling.models.training import TrainingCourse, TrainingEnrolment
from core.scheduling.training import service as training
from core.scheduling.training.service import CourseForm, Mode
from tests.cases import CITY, OTHER_CITY, YEAR, Case, at
from tests.scheduling.conftest import Exams, admitted

FORM = CourseForm("测试培训班", Mode.PLACE, "测试路3号", at(6, 3), at(6, 5, 17), frozenset({Grade.FIVE}), places=1)


def enrol(exams: Exams, made: TrainingCourse, case: Case) -> int:
    with exams.season.as_person(case.person) as session, session.begin_nested():
        return training.enrol(session, made.id, [case.id])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": ""}, "course_incomplete"),
        ({"place": " "}, "course_incomplete"),
        ({"grades": frozenset()}, "course_incomplete"),
        ({"ends_at": at(6, 3)}, "course_times"),
        ({"places": 0}, "course_places"),
        ({"starts_at": at(3, 31)}, "outside_training_window"),
        ({"ends_at": at(8, 1, 1)}, "outside_training_window"),
    ],
)
def test_a_course_that_cannot_be_is_refused(exams: Exams, change: dict[str, object], code: str) -> None:
    with exams.at_work() as session, pytest.raises(Invalid) as refused:
        training.set_course(session, YEAR, replace(FORM, **change))  # type: ignore[arg-type]
    assert refused.value.code == code


def test_a_candidate_enrols_once_and_may_leave_before_it_begins(exams: Exams) -> None:
    made, case = exams.course(FORM), admitted(exams)
    assert (enrol(exams, made, case), enrol(exams, made, case)) == (1, 0)
    with exams.season.as_person(case.person) as session:
        training.leave(session, made.id, case.id)
        with pytest.raises(NotFound):
            training.leave(session, made.id, case.id)
        assert training.places_taken(session, made.id) == 0
    assert enrol(exams, made, case) == 1


def test_a_unit_enrols_its_own_people_alone(exams: Exams) -> None:
    made, case, stranger = exams.course(replace(FORM, places=None)), admitted(exams), admitted(exams)
    with exams.season.as_unit(case.unit) as session:
        with pytest.raises(NotFound):
            training.enrol(session, made.id, [case.id, stranger.id])
        assert training.enrol(session, made.id, [case.id]) == 1
        assert [enrolled.id for _, enrolled in training.enrolments_of(session, made.id)] == [case.id]


def test_a_full_course_takes_nobody_more_and_the_database_counts(exams: Exams) -> None:
    made, first, second = exams.course(FORM), admitted(exams), admitted(exams)
    enrol(exams, made, first)
    with pytest.raises(DBAPIError) as refused:
        enrol(exams, made, second)
    assert getattr(refused.value.orig, "sqlstate", "") == "KW019"
    with exams.season.as_person(second.person) as session:
        assert training.places_taken(session, made.id) == 1
        assert training.enrolments_of(session, made.id) == []


def test_a_course_is_for_admitted_people_of_its_office_grade_and_trade(exams: Exams) -> None:
    case = admitted(exams)
    wrong = {
        "course_not_for_this_trade": [
            exams.course(replace(FORM, grades=frozenset({Grade.FOUR}))),
            exams.course(replace(FORM, trades=frozenset({"LS-2"}))),
        ]
    }
    with exams.at_work(OTHER_CITY) as session:
        wrong["course_of_another_office"] = [training.set_course(session, YEAR, FORM)]
    for code, courses in wrong.items():
        for offered in courses:
            with pytest.raises(Conflict) as refused:
                enrol(exams, offered, case)
            assert refused.value.code == code
    exams.season.now = at(3, 25)
    waiting = exams.season.at_office()
    with pytest.raises(Conflict) as refused:
        enrol(exams, exams.course(FORM), waiting)
    assert refused.value.code == "not_admitted"


def test_nobody_enrols_or_leaves_once_a_course_has_begun_or_was_called_off(exams: Exams) -> None:
    made, off, case = exams.course(FORM), exams.course(FORM), admitted(exams)
    with exams.at_work() as session:
        with pytest.raises(Invalid):
            training.cancel_course(session, off.id, reason="")
        training.cancel_course(session, off.id, reason="人数不足")
        with pytest.raises(Conflict):
            training.cancel_course(session, off.id, reason="再来")
    enrol(exams, made, case)
    exams.season.now = FORM.starts_at
    for offered in (made, off):
        with pytest.raises(Conflict, match="已经开班或取消"):
            enrol(exams, offered, case)
    with exams.season.as_person(case.person) as session, pytest.raises(Conflict):
        training.leave(session, made.id, case.id)


def test_attendance_gives_a_certificate_and_a_correction_takes_it_away(exams: Exams) -> None:
    made, case = exams.course(FORM), admitted(exams)
    enrol(exams, made, case)
    with exams.at_work() as session, pytest.raises(Conflict, match="尚未开班"):
        training.mark_attendance(session, made.id, {case.id: True})
    exams.season.now = FORM.ends_at
    with exams.at_work() as session:
        with pytest.raises(NotFound):
            training.mark_attendance(session, made.id, {case.id: True, new_id(): True})
        with pytest.raises(Invalid, match="至少登记一名"):
            training.mark_attendance(session, made.id, {})
        assert training.mark_attendance(session, made.id, {case.id: True}) == 1
        [(row, _)] = training.enrolments_of(session, made.id)
        assert (row.attended, row.certificate_number) == (True, training.certificate_number(made, row.id))
        training.mark_attendance(session, made.id, {case.id: False})
        session.expire_all()
        [(row, _)] = training.enrolments_of(session, made.id)
        assert (row.attended, row.certificate_number) == (False, None)


def test_nobody_writes_down_that_they_came_themselves(exams: Exams) -> None:
    made, case = exams.course(FORM), admitted(exams)
    with exams.season.as_person(case.person) as session, pytest.raises(Forbidden):
        training.mark_attendance(session, made.id, {case.id: True})  # type: ignore[arg-type]
    row = {"id": new_id(), "office_id": CITY, "course_id": made.id, "application_id": case.id}
    who = {"enrolled_at": at(5, 20), "enrolled_by": case.person.account_id}
    came = {"attended": True, "certificate_number": "PX2024-1"}
    with exams.season.as_person(case.person) as session, pytest.raises(DBAPIError), session.begin_nested():
        session.execute(insert(TrainingEnrolment), row | who | came)
    with exams.season.as_person(case.person) as session:
        assert session.scalars(select(TrainingEnrolment.id)).all() == []
