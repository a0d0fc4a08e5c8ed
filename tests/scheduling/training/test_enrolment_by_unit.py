"""Training for a unit: several of its people enrolled at once, all or none, and nobody of another unit."""

from dataclasses import replace

import pytest

from core.errors import Conflict, Invalid, NotFound
from core.plugin_api import Grade
from core.scheduling.models.training import TrainingCourse
from core.scheduling.training import enrolment_by_unit, service as training
from core.scheduling.training.service import CourseForm, Mode
from tests.cases import OTHER_CITY, YEAR, Case, at
from tests.scheduling.conftest import Exams, admitted

FORM = CourseForm("测试培训班", Mode.PLACE, "测试路3号", at(6, 3), at(6, 5, 17), frozenset({Grade.FIVE}), places=2)


def enrol(exams: Exams, made: TrainingCourse, cases: list[Case], *, of: list[Case]) -> int:
    """Enrol people in a session that also acts for other units."""
    with exams.season.as_unit(*(case.unit for case in of)) as session, session.begin_nested():
        return enrolment_by_unit.enrol_people(session, made.id, [case.id for case in cases])


def test_several_are_enrolled_at_once_and_seen_with_whether_they_came(exams: Exams) -> None:
    made, cases = exams.course(FORM), [admitted(exams), admitted(exams)]
    assert enrol(exams, made, cases[:1], of=cases) == 1
    assert enrol(exams, made, cases, of=cases) == 1
    exams.season.now = at(6, 3, 10)
    with exams.at_work() as session:
        training.mark_attendance(session, made.id, {cases[0].id: True, cases[1].id: False})
    with exams.season.as_unit(*(case.unit for case in cases)) as session:
        [listed] = enrolment_by_unit.courses_for(session, YEAR)
        assert (listed.taken, listed.enrolled, listed.came) == (2, 2, 1)
        rows = enrolment_by_unit.people_for(session, made)
        attended = {case.id: enrolment.attended for case, enrolment in rows if enrolment is not None}
        assert attended == {cases[0].id: True, cases[1].id: False}


def test_nobody_is_enrolled_where_the_places_do_not_suffice_for_all(exams: Exams) -> None:
    made, cases = exams.course(FORM), [admitted(exams) for _ in range(3)]
    with pytest.raises(Conflict, match="还剩2个名额，勾选了3人"):
        enrol(exams, made, cases, of=cases)
    assert enrol(exams, made, cases[:2], of=cases) == 2
    with pytest.raises(Conflict, match="还剩0个名额，勾选了1人"):
        enrol(exams, made, cases[2:], of=cases)
    with exams.season.as_unit(cases[0].unit) as session:
        enrolment_by_unit.leave_course(session, made.id, cases[0].id)
    assert enrol(exams, made, cases[2:], of=cases) == 1


def test_a_unit_sees_and_enrols_its_own_people_alone(exams: Exams) -> None:
    made, mine, strange = exams.course(FORM), admitted(exams), admitted(exams)
    with exams.season.as_unit(mine.unit) as session:
        assert [case.id for case, _ in enrolment_by_unit.people_for(session, made)] == [mine.id]
    with pytest.raises(NotFound):
        enrol(exams, made, [mine, strange], of=[mine])
    enrol(exams, made, [strange], of=[strange])
    with exams.season.as_unit(mine.unit) as session:
        [listed] = enrolment_by_unit.courses_for(session, YEAR)
        assert (listed.taken, listed.enrolled) == (1, 0)


def test_only_those_whom_a_course_is_for_are_offered(exams: Exams) -> None:
    case = admitted(exams)
    for form in (replace(FORM, grades=frozenset({Grade.FOUR})), replace(FORM, trades=frozenset({"LS-2"}))):
        made = exams.course(form)
        with exams.season.as_unit(case.unit) as session:
            assert enrolment_by_unit.people_for(session, made) == []


def test_nobody_named_and_a_course_of_another_city_are_refused(exams: Exams) -> None:
    made, case = exams.course(FORM), admitted(exams)
    with pytest.raises(Invalid):
        enrol(exams, made, [], of=[case])
    with exams.at_work(OTHER_CITY) as session:
        other = training.set_course(session, YEAR, FORM)
    with pytest.raises(NotFound):
        enrol(exams, other, [case], of=[case])
